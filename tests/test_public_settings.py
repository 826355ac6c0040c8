"""What a portal asks for before anybody has logged in: wlink 17 to 19, 24 and 25."""

from typing import Any

import pytest
from pydantic import ValidationError

from backoffice.domains import add_domain
from models.tenant import Portal
from tests.server import Broker

Json = Any

LOGO = "https://cdn.example.com/logo.png"


def shown(broker: Broker, name: str, portal: str = "client") -> Json:
    answer = broker.call(name, portal=portal)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_new_broker_has_a_name_and_a_time_zone(broker: Broker) -> None:
    assert shown(broker, "get_company") == {
        "broker_name_i18n": {"en": f"Broker {broker.number}"},
        "company_logo_url": "",
        "email": "",
        "login_page_logo_url": "",
        "support_phone": "",
        "timezone": "UTC",
        "watermark_logo_url": "",
    }


@pytest.mark.parametrize("portal", ["client", "ib"])
def test_the_company_is_as_the_operator_has_written_it(broker: Broker, portal: str) -> None:
    broker.configure("tenant", timezone="Asia/Shanghai")
    broker.configure(
        "company",
        broker_name={"en": "Harbour", "zh-CN": "港湾", "zh-TW": "港灣"},
        company_logo_url=LOGO,
        login_page_logo_url=f"{LOGO}?login",
        watermark_logo_url=f"{LOGO}?mark",
        email="help@example.com",
        support_phone="+86 (10) 5555-0000",
    )
    assert shown(broker, "get_company", portal) == {
        "broker_name_i18n": {"en": "Harbour", "zh-CN": "港湾", "zh-TW": "港灣"},
        "company_logo_url": LOGO,
        "email": "help@example.com",
        "login_page_logo_url": f"{LOGO}?login",
        "support_phone": "+86 (10) 5555-0000",
        "timezone": "Asia/Shanghai",
        "watermark_logo_url": f"{LOGO}?mark",
    }


def test_a_name_is_changed_language_by_language(broker: Broker) -> None:
    broker.configure("company", broker_name={"en": "Harbour", "zh-CN": "港湾"})
    broker.configure("company", broker_name={"zh-TW": "港灣", "zh-CN": None})
    names = shown(broker, "get_company")["broker_name_i18n"]
    assert names == {"en": "Harbour", "zh-TW": "港灣"}


@pytest.mark.parametrize(
    "given",
    [
        {"broker_name": {"en": None}},
        {"broker_name": {"fr": "Havre"}},
        {"broker_name": {"en": "<b>Harbour</b>"}},
        {"company_logo_url": "http://cdn.example.com/logo.png"},
        {"company_logo_url": "javascript:alert(1)"},
        {"company_logo_url": 'https://cdn.example.com/"onload="alert(1)'},
        {"email": "nobody"},
        {"support_phone": "call me"},
        {"slogan": "Calm waters"},
    ],
)
def test_a_company_that_the_contract_has_no_room_for_is_refused(
    broker: Broker, given: dict[str, Json]
) -> None:
    before = shown(broker, "get_company")
    with pytest.raises(ValidationError):
        broker.configure("company", **given)
    broker.server.clock.forward(seconds=1)
    assert shown(broker, "get_company") == before


def test_what_one_broker_sets_is_not_seen_at_another_s(broker: Broker) -> None:
    other = broker.server.broker()
    names = ("get_company", "get_appearance", "get_app_keys", "get_security_settings")
    before = [shown(other, name) for name in names]
    broker.configure("company", email="help@example.com")
    broker.configure("portal-client", login_layout="align_left", version="2.0.0")
    broker.configure("captcha", recaptcha_web_key="web")
    broker.configure("security", required_password_strength="strong")
    assert [shown(other, name) for name in names] == before
    assert shown(other, "get_tenant_version") == {"version": "1.0.0"}


def test_login_pages_are_plain_until_somebody_designs_them(broker: Broker) -> None:
    answer = shown(broker, "get_appearance")
    for portal in ("admin", "client", "ib"):
        assert answer.pop(f"{portal}_login_bg_image_url") == ""
        assert answer.pop(f"{portal}_login_copy_i18n") == {"en": ""}
        assert answer.pop(f"{portal}_login_layout") == "centered"
    assert answer == {}


def test_each_portal_has_a_login_page_of_its_own_and_all_are_told_at_each(broker: Broker) -> None:
    designs = {"admin": "align_left", "client": "centered", "ib": "align_right"}
    told: dict[str, Json] = {}
    for name, layout in designs.items():
        portal = {"admin": Portal.BROKER}.get(name) or Portal(name)
        picture = f"{LOGO}?{name}"
        copy = {"en": f"Welcome, {name}\nfriend", "zh-CN": "欢迎", "zh-TW": "歡迎"}
        broker.configure(
            f"portal-{portal}", login_background_url=picture, login_copy=copy, login_layout=layout
        )
        told[f"{name}_login_bg_image_url"] = picture
        told[f"{name}_login_copy_i18n"] = copy
        told[f"{name}_login_layout"] = layout
    assert shown(broker, "get_appearance", "client") == told
    assert shown(broker, "get_appearance", "ib") == told


def test_the_copy_of_a_login_page_has_no_tags(broker: Broker) -> None:
    with pytest.raises(ValidationError):
        broker.configure("portal-client", login_copy={"en": "<img src=x onerror=alert(1)>"})


def test_app_keys_are_those_that_anybody_may_see(broker: Broker) -> None:
    unused = {
        "recaptcha_android_key": "",
        "recaptcha_web_key": "",
        "tencent_android_app_id": 0,
        "tencent_ios_app_id": 0,
        "tencent_web_app_id": 0,
    }
    assert shown(broker, "get_app_keys") == unused
    keys = {
        "recaptcha_android_key": "6Lc-android_Key",
        "recaptcha_web_key": "6Lc-web_Key",
        "tencent_android_app_id": 190023930,
        "tencent_ios_app_id": 190023931,
        "tencent_web_app_id": 9007199254740991,
    }
    broker.configure("captcha", **keys)
    assert shown(broker, "get_app_keys") == keys


@pytest.mark.parametrize("name", ["recaptcha_secret", "tencent_secret_key", "secret"])
def test_a_secret_has_no_place_among_the_app_keys(broker: Broker, name: str) -> None:
    with pytest.raises(ValidationError):
        broker.configure("captcha", **{name: "s3cret"})


def test_security_switches_tell_what_a_form_must_ask_for(broker: Broker) -> None:
    assert shown(broker, "get_security_settings") == {
        "email_verification_scenarios": [],
        "google_two_factor_enabled": False,
        "re_captcha_enabled": False,
        "required_password_strength": "medium",
        "tencent_two_factor_enabled": False,
    }
    scenes = ["password_change", "register", "withdrawal", "transfer"]
    broker.configure(
        "security",
        email_verification_scenarios=scenes,
        required_password_strength="strong",
        re_captcha_enabled=True,
    )
    assert shown(broker, "get_security_settings") == {
        "email_verification_scenarios": scenes,
        "google_two_factor_enabled": False,
        "re_captcha_enabled": True,
        "required_password_strength": "strong",
        "tencent_two_factor_enabled": False,
    }
    broker.configure("security", re_captcha_enabled=False, tencent_captcha_enabled=True)
    answer = shown(broker, "get_security_settings")
    switches = ("re_captcha_enabled", "tencent_two_factor_enabled", "google_two_factor_enabled")
    assert [answer[name] for name in switches] == [False, True, False]


def test_the_version_is_that_of_the_portal_behind_the_host(broker: Broker) -> None:
    admin, second = f"admin.t{broker.number}.example", f"m.t{broker.number}.example"
    broker.desk(lambda desk: add_domain(desk, admin, Portal.BROKER, is_main=True))
    broker.desk(lambda desk: add_domain(desk, second, Portal.IB, is_main=False))
    assert shown(broker, "get_tenant_version") == {"version": "1.0.0"}
    for portal, version in (("broker", "3.1.0"), ("client", "2.8.1"), ("ib", "2.9.0-rc.1")):
        broker.configure(f"portal-{portal}", version=version)
    assert shown(broker, "get_tenant_version", "client") == {"version": "2.8.1"}
    assert shown(broker, "get_tenant_version", "ib") == {"version": "2.9.0-rc.1"}
    for host, version in ((admin, "3.1.0"), (second, "2.9.0-rc.1")):
        answer = broker.call("get_tenant_version", headers={"Host": host})
        assert answer.json() == {"version": version}
