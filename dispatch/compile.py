"""From the contract to endpoints, once, at start."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from connexion.exceptions import InvalidSpecification, ResolverError
from connexion.operations import AbstractOperation
from connexion.resolver import Resolver
from connexion.spec import OpenAPISpecification, Specification
from jsonschema_rs import Draft4Validator
from starlette.types import Scope

from contract.errors import ContractError
from contract.operations import Operation, operations
from contract.problems import Violation
from contract.schemas import REQUEST, Validators
from contract.spellings import BODIES
from dispatch.body import Body
from dispatch.call import Call
from dispatch.endpoint import Endpoint
from dispatch.parameters import Header, Path, Query
from dispatch.security import Authenticate, verification
from dispatch.threads import is_plain, is_quick

Json = Any


@dataclass(frozen=True)
class Settings:
    """What a server may choose: how large a request body may be, how many plain functions may run
    at once, how many of those that are quick, whether every answer is held against the contract,
    and which violations are let pass (the handler then gets what was sent as it is).
    """

    body_bytes: int = 1024 * 1024
    threads: int = 40
    quick_threads: int = 2
    check_answers: bool = False
    tolerates: Callable[[Scope, Sequence[Violation]], bool] = lambda scope, violations: False


class LoadedSpecification(OpenAPISpecification):
    """Connexion's specification, held against the same schema of OpenAPI by a faster validator:
    5 ms for the whole contract instead of a second.
    """

    _openapi = Draft4Validator(OpenAPISpecification.openapi_schema)

    @classmethod
    def _validate_spec(cls, spec: dict[str, Json]) -> None:
        for error in cls._openapi.iter_errors(spec):
            raise InvalidSpecification(error.message, path=error.instance_path)


class Compiler:
    """Makes endpoints of one specification."""

    def __init__(
        self,
        specification: Specification,
        resolver: Resolver,
        authenticators: Mapping[str, Authenticate],
        settings: Settings,
        lane: Executor,
    ) -> None:
        self._specification = specification
        self._resolver = resolver
        self._authenticators = authenticators
        self._settings = settings
        self._lane = lane
        self._document: dict[str, Json] = specification.raw
        self._requests = Validators(self._document, REQUEST)
        self._answers = Validators(self._document)
        self.operations = operations(self._document)

    def endpoint(self, operation: Operation) -> Endpoint:
        """Raises ContractError if the operation has no handler or one that does not fit."""
        spec = self._resolved(operation)
        document, requests = self._document, self._requests
        query = Query(operation, document, requests)
        path = Path(operation, document, requests)
        header = Header(operation, document, requests)
        sure = {name for p in (query, path, header) for name in (*p.required, *p.defaults)}
        return Endpoint(
            name=operation.operation_id,
            verify=verification(spec, self._authenticators),
            query=query,
            path=path if path.converters else None,
            header=header if header.converters else None,
            body=self._body(operation),
            call=Call(spec, operation, sure),
            answer=self._answer(operation),
            tolerates=self._settings.tolerates,
            lane=self._lane if self._is_quick(spec, operation) else None,
        )

    def _is_quick(self, spec: AbstractOperation, operation: Operation) -> bool:
        """Whether a request can be answered in no time, and without coming back to the loop."""
        callers = (self._authenticators[name] for name in operation.schemes)
        return operation.body is None and is_quick(spec.function) and all(map(is_plain, callers))

    def _resolved(self, operation: Operation) -> AbstractOperation:
        """Connexion's view of the operation, its handler found."""
        try:
            resolved: AbstractOperation = self._specification.operation_cls.from_spec(
                self._specification,
                path=operation.path,
                method=operation.method.lower(),
                resolver=self._resolver,
            )
        except (ResolverError, KeyError):
            where = f"{operation.method} {operation.path}"
            raise ContractError(where, f"no handler for {operation.operation_id}") from None
        return resolved

    def _body(self, operation: Operation) -> Body | None:
        if operation.body is None:
            return None
        documented = BODIES.get(operation.operation_id, lambda body: body)
        validator = self._requests.compiled(operation.body)
        return Body(validator, self._settings.body_bytes, documented)

    def _answer(self, operation: Operation) -> Draft4Validator | None:
        if not self._settings.check_answers:
            return None
        return self._answers.compiled(operation.answer_schema)
