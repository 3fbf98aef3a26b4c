"""What CloudFormation would create, from the unchanged SAM templates after SAM's own transformation."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boto3.session import Session
from samcli.lib.intrinsic_resolver.intrinsic_property_resolver import IntrinsicResolver
from samcli.lib.intrinsic_resolver.intrinsics_symbol_table import IntrinsicsSymbolTable
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from cost.resources import Resource
from stack.emulator import REGION

_ARTIFACT = "s3://bucket/key"


def template_resources(path: Path, parameters: Mapping[str, str]) -> list[Resource]:
    """Return the resources of a SAM template.

    Args:
        path: the template.
        parameters: values that differ from the template's defaults.

    Raises:
        KeyError: the template has no such parameter.
    """
    return resources_of_template(path.parent.name, yaml_parse(path.read_text(encoding="utf-8")), parameters)


def resources_of_template(name: str, template: dict[str, Any], parameters: Mapping[str, str]) -> list[Resource]:
    """Return the resources of a SAM template as it was read from YAML: transformed, its conditions decided.

    Args:
        name: becomes part of the resources' names.
        template: is changed.
        parameters: values that differ from the template's defaults.

    Raises:
        KeyError: the template has no such parameter.
    """
    values = {key: declared.get("Default", "") for key, declared in template.get("Parameters", {}).items()}
    for key, value in parameters.items():
        if key not in values:
            raise KeyError(f"the template of {name} has no parameter {key}")
        values[key] = value
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            # Only `sam package` knows where the code will be; the transformation just wants it to be in S3.
            resource["Properties"]["CodeUri"] = _ARTIFACT
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # The functions have roles of Terraform's: there is no managed policy to look up.
    translated = Translator({}, Parser(), boto_session=Session(region_name=REGION)).translate(template, values)
    symbols = IntrinsicsSymbolTable(logical_id_translator=values, template=translated)
    resolver = IntrinsicResolver(template=translated, symbol_resolver=symbols)
    # The template's resolution leaves the conditions themselves as they are.
    conditions = {
        name: resolver.intrinsic_property_resolver(condition, ignore_errors=True)
        for name, condition in translated.get("Conditions", {}).items()
    }
    resolved = resolver.resolve_template(ignore_errors=True)
    return [
        Resource(f"{name}: {logical_id}", resource["Type"], resource.get("Properties", {}))
        for logical_id, resource in sorted(resolved["Resources"].items())
        if "Condition" not in resource or conditions.get(resource["Condition"]) is True
    ]
