"""What else is understood: spellings that published tables and samples use beside the documented
ones. The OpenAPI documents hold one spelling and one type; these are turned into it before anything
is checked.
"""

from collections.abc import Callable
from typing import Any

Json = Any

# operationId -> other name of a query parameter -> its documented name, which wins over the other.
QUERY_NAMES: dict[str, dict[str, str]] = {
    "list_lwork_users": {"pageIndex": "page", "pageSize": "size"},  # lwork 2.7
}


def _digits(body: Json) -> Json:
    """A number where wlink 109 documents its digits, and wlink 110 the number."""
    if isinstance(body, dict) and type(body.get("rebate_aggregation_id")) is int:
        return {**body, "rebate_aggregation_id": str(body["rebate_aggregation_id"])}
    return body


def _unwrapped(body: Json) -> Json:
    """The table of lwork 2.12 has one object accountDTO, its sample the fields themselves."""
    if isinstance(body, dict) and body.keys() == {"accountDTO"}:
        return body["accountDTO"]
    return body


# operationId -> how its body is turned into the documented one.
BODIES: dict[str, Callable[[Json], Json]] = {
    "export_rebate_detail_report": _digits,
    "update_account_info": _unwrapped,
}
