"""Account information of lwork: bank, income, documents."""

from mock.fields.facts import Facts, phrase
from mock.texts import spoken

FINANCES: Facts = {
    "incomeSource": phrase("income_source"),
    "investmentPurpose": phrase("investment_purpose"),
    "knowledgeLevel": phrase("knowledge_level"),
    "investmentYear": lambda r: str(r.draw.integer("years", 1, 12)),
    "transactionsPerYear": lambda r: str(r.draw.integer("trades", 10, 400)),
    **dict.fromkeys(
        ("totalAssets", "netAssets", "netIncome", "floatingAssets", "investmentQuota"),
        phrase("income"),
    ),
    "bankAccount": lambda r: spoken(r.bank["name"], r.scene.language),
    "bankBranch": lambda r: spoken(r.bank["branch"], r.scene.language),
    "accountNo": lambda r: r.bank_number,
    "swift": lambda r: r.bank["swift"],
    "aba": lambda r: None,
    "idType": lambda r: "identity",
    "addressDocType": lambda r: "utility_bill",
    "idNum": lambda r: "E" + r.draw.text("id_number", 8, "0123456789"),
}
