"""Account information of lwork: income, experience, documents."""

from mock.fields.facts import Facts, constant, each, phrase
from mock.texts import data

FINANCES: Facts = {
    "incomeSource": phrase("income_source"),
    "investmentPurpose": phrase("investment_purpose"),
    "knowledgeLevel": phrase("knowledge_level"),
    "investmentExperience": lambda r: [r.draw.choice("kind", data("texts")["investment_kind"])],
    "investmentYear": lambda r: str(r.draw.integer("years", 1, 12)),
    "transactionsPerYear": lambda r: str(r.draw.integer("trades", 10, 400)),
    **each("totalAssets netAssets netIncome floatingAssets investmentQuota", phrase("income")),
    "aba": constant(None),
    "idType": constant("identity"),
    "addressDocType": constant("utility_bill"),
    "idNum": lambda r: "E" + r.draw.text("id_number", 8, "0123456789"),
}
