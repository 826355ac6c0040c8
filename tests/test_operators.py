"""A broker's own people at the console: what they may do, and what is written down of it."""

import os
import re
from typing import Any

import pytest

from models.tenant import Portal
from tests.console import Console, console
from tests.server import NEW_PASSWORD, Broker, problem
from wlink.operator_commands import tell

__all__ = ["console"]

Json = Any

POPUP = """
title: {en: Maintenance, zh-CN: 系统维护}
content: {en: <p>On <b>Saturday</b><script>alert(1)</script></p>}
portals: [client]
"""
MESSAGE = """
title: {en: Hello}
content: {en: <p>Good to see you.</p>}
"""


def log(console: Console) -> list[str]:
    told = console("audit", "--tenant", console.tenant, "list")
    assert told.code == 0
    return told.output.splitlines()


def ask(broker: Broker, name: str, token: str = "", **options: Json) -> Json:
    answer = broker.call(name, token=token, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_popup_is_published_changed_and_withdrawn(console: Console) -> None:
    broker = console.broker
    token = broker.login(broker.user())
    number = console.operator("popup", "publish", "-", form=POPUP).strip()
    (shown,) = ask(broker, "list_popups", token)["list"]
    assert shown == {
        "id": int(number),
        "title": "Maintenance",
        "content": "<p>On <b>Saturday</b></p>",
        "allow_close": True,
        "is_enabled": True,
    }
    changed = POPUP.replace("Saturday", "Sunday")
    assert console.operator("popup", "change", number, "-", form=changed) == ""
    assert "Sunday" in ask(broker, "list_popups", token)["list"][0]["content"]
    assert console.operator("popup", "withdraw", number) == ""
    assert ask(broker, "list_popups", token) == {"list": []}
    assert f"# popup {number}, withdrawn" in console.operator("popup", "list")
    deeds = [line.split("  ")[3] for line in log(console)]
    assert deeds[-3:] == ["content_published", "content_changed", "content_withdrawn"]


def test_what_was_published_is_listed_as_a_form_that_can_be_published_again(
    console: Console,
) -> None:
    console.operator("popup", "publish", "-", form=POPUP)
    form = console.operator("popup", "list")
    number = console.operator("popup", "publish", "-", form=form).strip()
    assert console.operator("popup", "list").count("Maintenance") == 2
    assert f"# popup {number}\n" in console.operator("popup", "list")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("title: {en: <b>x</b>}\ncontent: {en: x}\nportals: [client]", "title.en: "),
        ("title: {en: x}\ncontent: {en: x}\nportals: []", "portals: "),
        ("title: {en: x}\ncontent: {en: x}\nportals: [client]\ncolour: red", "colour: "),
        ("title: {zh-CN: x}\ncontent: {en: x}\nportals: [client]", "title is missing in en"),
        ("title: {en: x, vi: x}\ncontent: {en: x}\nportals: [client]", "title is in vi"),
        (
            "title: {en: x}\ncontent: {en: x}\nportals: [client]\n"
            "starts_at: 2026-01-02 00:00:00\nends_at: 2026-01-01 00:00:00",
            "ends_at must be later",
        ),
        ("title: {en: x", "this is no YAML in line"),
        ("- x", "does not hold a form"),
        ("content: {en: x}", "portals: "),
    ],
)
def test_a_form_that_is_not_right_is_refused_in_one_line(
    console: Console, form: str, told: str
) -> None:
    assert told in console.refused("popup", "publish", "-", form=form)
    assert console.operator("popup", "list") == ""
    assert log(console) == []


def test_all_that_is_wrong_is_told_and_never_what_stands_there(console: Console) -> None:
    form = "title: {en: <i>canary</i>}\ncontent: {en: x}\nportals: [canary]\nallow_close: canary"
    told = console.refused("popup", "publish", "-", form=form)
    assert all(field in told for field in ("title.en", "portals.0", "allow_close"))
    assert "canary" not in told


def test_a_moment_without_a_zone_is_meant_in_the_broker_s(console: Console) -> None:
    console.operator("setting", "set", "tenant", "timezone=Asia/Shanghai")
    console.operator("popup", "publish", "-", form=f"{POPUP}\nstarts_at: 2026-01-15 20:00:00")
    assert "starts_at: '2026-01-15T12:00:00Z'" in console.operator("popup", "list")


@pytest.mark.parametrize(
    ("kind", "form", "operation", "shown"),
    [
        (
            "placement",
            "title: {en: Gold}\nimage_url: {en: 'https://a.example/x.png'}\nportals: [client]",
            "list_placements",
            "Gold",
        ),
        (
            "tool",
            "name: {en: MetaTrader}\nicon_url: https://a.example/i.png\nportals: [client, ib]",
            "list_client_download_tools",
            "MetaTrader",
        ),
    ],
)
def test_placements_and_programs_are_published_the_same_way(
    console: Console, kind: str, form: str, operation: str, shown: str
) -> None:
    token = console.broker.login(console.broker.user())
    number = console.operator(kind, "publish", "-", form=form).strip()
    assert shown in str(ask(console.broker, operation, token)["list"])
    console.operator(kind, "withdraw", number)
    assert ask(console.broker, operation, token)["list"] == []
    assert "there is no" in console.refused(kind, "withdraw", "999999")


def test_a_tool_column_keeps_the_ids_of_its_texts_when_it_is_changed(console: Console) -> None:
    token = console.broker.login(console.broker.user())
    form = """
name: Calendar
portals: [client]
texts:
  en: {title: Calendar, iframe_link: 'https://a.example/en', popup_title: Read this}
  zh-CN: {title: 日历, iframe_link: 'https://a.example/zh'}
"""
    number = console.operator("tool-column", "publish", "-", form=form).strip()
    before = ask(console.broker, "get_trading_tool", token, query={"column_id": number})
    changed = form.replace("Calendar, iframe", "Dates, iframe").replace("  zh-CN", "  zh-TW")
    console.operator("tool-column", "change", number, "-", form=changed)
    after = ask(console.broker, "get_trading_tool", token, query={"column_id": number})
    assert (before["title"], after["title"]) == ("Calendar", "Dates")
    assert before["id"] == after["id"]
    listed = console.operator("tool-column", "list")
    assert "zh-TW:" in listed
    assert "zh-CN:" not in listed


def test_a_message_reaches_those_who_are_named(console: Console) -> None:
    broker = console.broker
    mei, other = broker.user(), broker.user("other@example.com")
    form = f"{MESSAGE}\nusers: [{mei.email}]"
    number = console.operator("message", "send", "-", form=form).strip()
    assert "on its way" in console.operator("message", "list")
    broker.server.deliver()
    line = console.operator("message", "list")
    assert re.match(rf" +{number}  .*to 1, delivered  Hello\n", line)
    counts = [
        ask(broker, "count_unread_client_messages", broker.login(user))["count"]
        for user in (mei, other)
    ]
    assert counts == [1, 0]


@pytest.mark.parametrize(
    ("addition", "told"),
    [
        ("users: [nobody@example.com]", "nobody@example.com"),
        ("role: nobody", "there is no role nobody"),
        ("role: default", "more than one has a role default"),
        ("role: default\nusers: [x@example.com]", "not to both"),
    ],
)
def test_a_message_to_nobody_is_refused(console: Console, addition: str, told: str) -> None:
    assert told in console.refused("message", "send", "-", form=f"{MESSAGE}\n{addition}")


def test_a_setting_is_changed_and_seen_by_the_server_within_a_second(console: Console) -> None:
    broker = console.broker
    assert ask(broker, "get_company")["support_phone"] == ""
    console.operator(
        *("setting", "set", "company"),
        *("support_phone=+86 21 5550", "broker_name.zh-CN=环球", "email=help@a.example"),
    )
    company = ask(broker, "get_company")
    assert company["support_phone"] == "+86 21 5550"
    assert company["broker_name_i18n"] == {"en": f"Broker {broker.number}", "zh-CN": "环球"}
    console.operator("setting", "set", "company", "broker_name.zh-CN=")
    assert ask(broker, "get_company")["broker_name_i18n"] == {"en": f"Broker {broker.number}"}
    assert "support_phone: +86 21 5550" in console.operator("setting", "show", "company")


def test_every_group_of_settings_can_be_changed(console: Console) -> None:
    broker = console.broker
    console.operator("setting", "set", "security", "required_password_strength=strong")
    console.operator("setting", "set", "security", "email_verification_scenarios=[withdrawal]")
    console.operator("setting", "set", "captcha", "tencent_web_app_id=7", "recaptcha_web_key=6Lx")
    console.operator("setting", "set", "offer", "countries=[SG, CN]", "currencies=[EUR, USD]")
    console.operator("setting", "set", "tenant", "timezone=Europe/Berlin")
    console.operator("setting", "set", "portal-ib", "version=3.1", "login_layout=align_left")
    console.operator("setting", "leverages", "100", "1", "50")
    security = ask(broker, "get_security_settings")
    assert security["required_password_strength"] == "strong"
    assert security["email_verification_scenarios"] == ["withdrawal"]
    assert ask(broker, "get_app_keys")["tencent_web_app_id"] == 7
    assert [each["code"] for each in ask(broker, "list_countries")["list"]] == ["SG", "CN"]
    assert [each["code"] for each in ask(broker, "list_currencies")["list"]] == ["EUR", "USD"]
    assert ask(broker, "get_company")["timezone"] == "Europe/Berlin"
    assert ask(broker, "get_tenant_version", portal="ib") == {"version": "3.1"}
    assert ask(broker, "get_appearance")["ib_login_layout"] == "align_left"
    leverages = ask(broker, "list_global_leverages", query={"page": 1, "size": 9})
    assert [each["value"] for each in leverages["list"]] == [1, 50, 100]
    assert len(log(console)) == 7


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("company", "email=nobody"), "email"),
        (("company", "broker_name.en="), "broker_name"),
        (("company", "broker_name.fr=x"), "broker_name"),
        (("company", "company_logo_url=javascript:alert(1)"), "company_logo_url"),
        (("company", "colour=red"), "colour"),
        (("company", "email"), "email needs a value"),
        (("nothing", "email=x"), "no such group of settings"),
        (("security", "session_seconds=1"), "session_seconds"),
        (("offer", "countries=[XX]"), "there is no country XX"),
        (("offer", "currencies=[USD, USD]"), "currencies"),
        (("offer", "languages=[zh-CN]"), "default language"),
        (("tenant", "default_language=vi"), "one that the broker offers"),
        (("tenant", "timezone=Mars/Base"), "timezone"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    console: Console, arguments: tuple[str, ...], told: str
) -> None:
    before = console.operator("setting", "show")
    assert told in console.refused("setting", "set", *arguments)
    assert console.operator("setting", "show") == before
    assert log(console) == []


def test_a_setting_that_is_what_it_was_is_not_written_down(console: Console) -> None:
    console.operator("setting", "set", "security", "re_captcha_enabled=false")
    assert log(console) == []


def test_an_operator_who_was_invited_works_in_his_own_name(console: Console) -> None:
    link = console.operator(
        *("user", "invite", "broker", "Ana@a.example"),
        *("--first-name", "Ana", "--last-name", "Silva", "--language", "en"),
    ).strip()
    token = link.partition("?token=")[2]
    answer = console.broker.call("reset_password", {"password": NEW_PASSWORD, "token": token})
    assert answer.json() == {}
    console.operator("--as", "ana@a.example", "popup", "publish", "-", form=POPUP)
    assert "ana@a.example from console " in log(console)[-1]
    console.operator("user", "disable", "broker", "ana@a.example")
    assert "--as needs" in console.refused("--as", "ana@a.example", "popup", "list")
    console.operator("user", "enable", "broker", "ana@a.example")
    console.operator("--as", "ana@a.example", "popup", "list")
    assert "enabled   ana@a.example  Ana Silva" in console.operator("user", "list", "broker")
    assert console("audit", "--tenant", console.tenant, "verify").code == 0


def test_nobody_works_in_the_name_of_a_client(console: Console) -> None:
    console.broker.user("mei.lin@example.com")
    assert "--as needs" in console.refused("--as", "mei.lin@example.com", "popup", "list")


def test_who_was_invited_cannot_log_in_before_he_has_set_a_password(console: Console) -> None:
    invite = ("user", "invite", "client", "new@a.example", "--first-name", "N", "--last-name", "U")
    console.operator(*invite)
    for password in ("", "!", "nobody has this password"):
        body = {"email": "new@a.example", "password": password}
        assert problem(console.broker.call("login", body))[0] in (400, 401)
    assert "already" in console.refused(*invite)


def test_a_portal_answers_at_a_host_that_is_added_and_no_more_when_it_is_removed(
    console: Console,
) -> None:
    broker = console.broker
    host = f"Desk.T{broker.number}.example"
    headers = {"Host": host}
    console.operator("domain", "add", host, "ib")
    console.operator("setting", "set", "portal-ib", "version=9")
    assert ask(broker, "get_tenant_version", headers=headers) == {"version": "9"}
    assert f"ib      {host.lower()}\n" in console.operator("domain", "list")
    assert "is taken" in console.refused("domain", "add", host, "client")
    console.operator("domain", "remove", host)
    assert problem(broker.call("get_tenant_version", headers=headers)) == (404, "NOT_FOUND")
    assert "has no host" in console.refused("domain", "remove", host)


@pytest.mark.parametrize(
    "host", ["https://x.example", "x.example:8443", "x", "x..example", "*.x.example"]
)
def test_what_is_no_host_is_refused(console: Console, host: str) -> None:
    assert "a host is a name" in console.refused("domain", "add", host, "client")


def test_the_host_of_another_broker_is_taken(console: Console) -> None:
    other = console.broker.server.broker()
    assert "is taken" in console.refused("domain", "add", f"ib.t{other.number}.example", "ib")


def test_links_lead_to_the_main_host(console: Console) -> None:
    host = f"main.t{console.broker.number}.example"
    console.operator("domain", "add", host, "client", "--main")
    listed = console.operator("domain", "list")
    assert f"client  {host}  main" in listed
    assert listed.count("main\n") == 2


def test_a_role_gives_just_what_it_was_made_of(console: Console) -> None:
    broker = console.broker
    user = broker.user()
    console.operator("role", "create", "client", "cashier", "funds", "deposits", "deposit.create")
    console.operator("role", "give", "client", user.email, "cashier")
    actions = ask(broker, "get_action_permissions", broker.login(user))["actions"]
    assert list(actions) == ["deposit.create"]
    console.operator("role", "take", "client", user.email, "cashier")
    actions = ask(broker, "get_action_permissions", broker.login(user))["actions"]
    assert "withdrawal.create" in actions
    assert "already" in console.refused("role", "create", "client", "cashier", "funds")
    assert "no menu action" in console.refused("role", "create", "client", "x", "nothing")
    assert "no role" in console.refused("role", "give", "client", user.email, "x")
    assert "no such user" in console.refused("role", "give", "ib", user.email, "cashier")
    deeds = [line.split("  ")[3] for line in log(console)]
    assert [deed for deed in deeds if deed.startswith("role")] == [
        *("role_created", "role_given", "role_taken"),
    ]


def test_a_broker_is_opened_and_known_by_his_code(console: Console) -> None:
    code = f"new-{console.broker.number}"
    assert console("operator", "tenant", "open", code, "New Markets", "--language", "en").code == 0
    assert "New Markets" in console("operator", "tenant", "list").output
    again = console("operator", "tenant", "open", code, "New Markets")
    assert (again.code, "already" in again.fault) == (2, True)
    told = console("operator", "--tenant", code, "setting", "show", "company")
    assert "en: New Markets" in told.output
    assert "tenant_opened" in console("audit", "--tenant", code, "list").output
    assert console("audit", "--tenant", code, "verify").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("Capital", "Name"),
        ("x" * 33, "Name"),
        ("code", "<b>Name"),
        ("code", "Name", "--language", "xx"),
        ("code", "Name", "--timezone", "x"),
    ],
)
def test_a_broker_who_makes_no_sense_is_refused(
    console: Console, arguments: tuple[str, ...]
) -> None:
    before = console("operator", "tenant", "list").output
    assert console("operator", "tenant", "open", *arguments).code == 2
    assert console("operator", "tenant", "list").output == before


def test_with_several_brokers_one_must_be_named(console: Console) -> None:
    console.broker.server.broker()
    told = console("operator", "popup", "list")
    assert (told.code, f", {console.tenant}" in told.fault) == (2, True)


def test_a_portal_that_there_is_not_is_refused(console: Console) -> None:
    assert "client, ib, broker" in console.refused("user", "list", "clients")
    assert Portal("client") in Portal


def test_the_audit_log_is_verified_at_the_console(console: Console) -> None:
    console.operator("popup", "publish", "-", form=POPUP)
    sound = console("audit", "--tenant", console.tenant, "verify")
    assert (sound.code, sound.output[:16]) == (0, "1 entries, sound")
    with console.broker.server.services.database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE audit_log SET subject = 'popup 0' WHERE tenant_id = {console.broker.tenant_id}"
        )
    faulty = console("audit", "--tenant", console.tenant, "verify")
    assert faulty.code == 1
    assert "entry 1 was changed" in faulty.output


def test_somebody_without_a_name_is_written_down_by_his_number(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr("getpass.getuser", nameless)
    console.operator("popup", "publish", "-", form=POPUP)
    assert f"console uid {os.getuid()}" in log(console)[-1]


def test_nothing_that_is_told_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell(["Bank\x9b2J of \u202e\u5317\u4eac, Café"])
    gone = "\N{REPLACEMENT CHARACTER}"
    assert capsys.readouterr().out == f"Bank{gone}2J of {gone}\u5317\u4eac, Café\n"
