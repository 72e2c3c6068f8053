"""Brings a sandbox to what a template says: resources are made, updated or removed, and the stack's record tells which.

A resource that the API refuses does not stop the others; those that refer to it are left out. Nothing is rolled back:
mend the template and deploy again.
"""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from jobs.lake.errors import LakeboxError
from lakebox.deploy.api import (
    ApiHandler,
    Clients,
    FailedError,
    Handler,
    LeftOutError,
    Resource,
    can_change,
    create_shape,
    request_of,
)
from lakebox.deploy.assets import Uploads, with_local_files
from lakebox.deploy.buckets import BucketHandler, bucket_request
from lakebox.deploy.cdk import DEPLOYMENT, DEPLOYMENT_TYPE, CdkAssets, FilesHandler
from lakebox.deploy.identities import made_identity, stand_in, with_name
from lakebox.deploy.kinds import KINDS, Kind, Properties, rank
from lakebox.deploy.record import BUCKET, Made, Record, Records
from lakebox.glue.template.document import Template, TemplateError
from lakebox.glue.template.functions import holds, resolved
from lakebox.glue.template.order import in_order, references
from lakebox.glue.template.parameters import Parameters
from lakebox.glue.template.scope import Account, Scope, UnavailableError
from lakebox.glue.template.text import text_of

ALL_KINDS: Mapping[str, Kind] = {**KINDS, DEPLOYMENT_TYPE: DEPLOYMENT}
PRIMARY = {"WorkGroup": "primary"}  # Athena has it always


@dataclass(frozen=True)
class Step:
    """What became of a resource: made, updated, unchanged, removed, kept, left out or failed.

    note: the reason, or the properties that were left out
    """

    logical_id: str
    type: str
    outcome: str
    name: str = ""
    note: str = ""


class Deployment:
    """One stack in one sandbox.

    assets: the files of a CDK app
    """

    def __init__(self, clients: Clients, account: Account, assets: CdkAssets) -> None:
        s3, api = clients("s3"), ApiHandler(clients, account)
        self._account, self._assets, self._s3 = account, assets, s3
        self._handlers: Mapping[str, Handler] = {
            "glue": api,
            "athena": api,
            "iam": api,
            "s3": BucketHandler(s3),
            "cdk": FilesHandler(s3, assets),
        }
        self._records, self._uploads = Records(s3), Uploads(s3, account.stack)
        self.record: Record = self._records.load(account.stack)

    def deploy(self, template: Template, given: Mapping[str, str]) -> Iterator[Step]:
        """Make what the template has, and remove what it has no more. Raises TemplateError before anything is done."""
        parameters = Parameters(template, given)
        scope = Scope(template, parameters, self._account, self._records.exported)
        made = [resource for resource in template.resources.values() if resource["Type"] in ALL_KINDS]
        parameters.require({*references(made), *references(template.conditions), *references(template.outputs)})
        wanted = {
            name: resource
            for name, resource in template.resources.items()
            if "Condition" not in resource or holds(str(resource["Condition"]), scope)
        }
        for logical_id in in_order(template, wanted, rank):
            yield self._brought_about(logical_id, scope)
        yield from self._remove(lambda made: made.logical_id not in wanted)
        self._note_outputs(scope)
        self._uploads.drop_unused(json.dumps(asdict(self.record), ensure_ascii=False))

    def delete(self) -> Iterator[Step]:
        """Remove all that the stack has made. Raises TemplateError where there is no such stack."""
        if not self._records.has(self.record.stack):
            raise TemplateError(f"there is no stack {self.record.stack} here; name another one: --stack-name")
        yield from self._remove(lambda _: True)
        if not self.record.resources and not self.record.kept:
            self._records.forget(self.record.stack)

    def _brought_about(self, logical_id: str, scope: Scope) -> Step:
        template = scope.template.resources[logical_id]
        type_name = str(template["Type"])
        kind = ALL_KINDS.get(type_name)
        if kind is None:
            scope.resources[logical_id] = stand_in(logical_id, scope, "which lakebox does not make")
            return Step(logical_id, type_name, "left out", note=f"lakebox does not make {type_name}")
        try:
            properties = resolved(copy.deepcopy(template.get("Properties") or {}), scope)
            self._assets.upload_named(properties, self._s3, self._account)
            properties = with_local_files(type_name, properties, scope.template.folder, self._uploads)
            resource, name, unknown = self._resource(logical_id, kind, properties)
            keeps = template.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
            outcome, ref = self._made(Made(logical_id, type_name, name, resource.identity, resource.request, keeps),
                                      resource)  # fmt: skip
        except (UnavailableError, LeftOutError) as error:
            scope.resources[logical_id] = stand_in(logical_id, scope, "which was left out")
            return Step(logical_id, type_name, "left out", note=str(error))
        except (FailedError, TemplateError) as error:
            return Step(logical_id, type_name, "failed", note=str(error))
        scope.resources[logical_id] = made_identity(kind, ref, self._account, resource.request)
        return Step(logical_id, type_name, outcome, ref, f"without {', '.join(unknown)}" if unknown else "")

    def _resource(self, logical_id: str, kind: Kind, properties: Properties) -> tuple[Resource, str, list[str]]:
        """A resource by its properties, its name, and the properties that the API does not have."""
        properties, name = with_name(kind, properties, self.record.stack, logical_id)
        unknown: list[str] = []
        if kind.service == "s3":
            request, unknown = bucket_request(properties, name)
        elif kind.service == "cdk":
            request = properties
        else:
            request, unknown = request_of(kind, properties)
            members = create_shape(kind).members
            unknown += [key for key in properties if key in members and key not in (*request, "CatalogId")]
        before = self.record.find(logical_id)
        ref = name or (before.ref if before else "")
        return Resource(kind, kind.identity(request, ref), request, properties), ref, unknown

    def _made(self, wanted: Made, resource: Resource) -> tuple[str, str]:
        """Create or update a resource, by what the record and the API say is there; the outcome, and its `Ref`."""
        handler, before = self._handlers[resource.kind.service], self.record.find(wanted.logical_id)
        is_ours = before is not None and (before.type, before.identity) == (wanted.type, wanted.identity)
        outcome = "made"
        if handler.exists(resource):
            if not is_ours:
                self._refuse_others(wanted)
            if before is not None and is_ours and before.request == wanted.request:
                outcome = "unchanged"
            elif can_change(resource.kind, before.request if before and is_ours else wanted.request, wanted.request):
                handler.update(resource, before.request if before and is_ours else None)
                outcome = "updated"
            else:
                handler.delete(resource)
                outcome = "made anew"
        if outcome.startswith("made"):
            ref = handler.create(resource) or wanted.ref
            wanted = replace(wanted, ref=ref, identity=resource.kind.identity(resource.request, ref))
        if before is not None and not is_ours:
            self._end(before)  # it had another name or type; where that fails, the next deployment tries again
        if before != wanted:
            self.record.put(wanted)
            self._records.save(self.record)
        return outcome, wanted.ref

    def _refuse_others(self, wanted: Made) -> None:
        """Raise FailedError where another stack has made a resource; what no stack has made becomes this one's."""
        owner = self._records.owner(self.record.stack, wanted.type, wanted.identity)
        if owner is not None:
            raise FailedError(f"{wanted.ref} is the stack {owner}'s; give it another name, or delete that stack")

    def _remove(self, is_gone: Callable[[Made], bool]) -> Iterator[Step]:
        """Delete what the stack no longer has, the last made first."""
        for made in [made for made in reversed(self.record.resources) if is_gone(made)]:
            try:
                step = self._end(made)
            except LakeboxError as error:
                yield Step(made.logical_id, made.type, "failed", made.ref, str(error))
                continue
            self.record.drop(made.logical_id)
            if made.keeps and f"s3://{BUCKET}/" in json.dumps(made.request):
                self.record.kept.append(made.request)
            self._records.save(self.record)
            yield step

    def _end(self, made: Made) -> Step:
        if made.keeps:
            return Step(made.logical_id, made.type, "kept", made.ref, "its DeletionPolicy says so")
        if made.identity == PRIMARY:
            return Step(made.logical_id, made.type, "kept", made.ref, "Athena's primary workgroup can't be deleted")
        kind = ALL_KINDS[made.type]
        self._handlers[kind.service].delete(Resource(kind, made.identity, made.request))
        return Step(made.logical_id, made.type, "removed", made.ref)

    def _note_outputs(self, scope: Scope) -> None:
        self.record.outputs, self.record.exports = {}, {}
        for name, output in scope.template.outputs.items():
            if "Condition" in output and not holds(str(output["Condition"]), scope):
                continue
            try:
                value = text_of(resolved(output.get("Value"), scope), f"the output {name}")
                self.record.outputs[name] = value
                if "Export" in output:
                    self.record.exports[text_of(resolved(output["Export"]["Name"], scope), "Export")] = value
            except UnavailableError:
                continue  # it is of a resource that is listed as left out
        self._records.save(self.record)
