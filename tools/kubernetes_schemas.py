#!/usr/bin/env python3
"""kubernetes_schemas.py openapi <swagger.json> <folder>
   kubernetes_schemas.py crd <folder> [--group OLD=NEW] <crd.yaml>...

Writes JSON schemas for kubeconform, <kind>-<first part of group>-<version>.json, strict: a field
that the schema does not know is an error. `openapi` takes the definitions of a Kubernetes release,
`crd` those in CustomResourceDefinitions; --group says that a definition counts for another group
too, which has the same form.
"""

import json
import sys

PRESERVED = "x-kubernetes-preserve-unknown-fields"


def strict(schema):
    """The schema with unknown fields refused and Kubernetes' own extensions resolved."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items() if not key.startswith("x-kubernetes-")}
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        made.pop("type", None)
        made.pop("format", None)
        made.pop("anyOf", None)
        made["oneOf"] = [{"type": "string"}, {"type": "integer"}]
    elif "properties" in made and "additionalProperties" not in made and not schema.get(PRESERVED):
        made["additionalProperties"] = False
    return made


def write(folder, kind, group, version, schema):
    parts = [kind.lower()] + ([group.split(".")[0]] if group else []) + [version]
    with open(f"{folder}/{'-'.join(parts)}.json", "w", encoding="utf-8") as out:
        json.dump(schema, out)


def openapi(swagger, folder):
    with open(swagger, encoding="utf-8") as source:
        definitions = json.load(source)["definitions"]
    shared = {}
    for name, definition in definitions.items():
        # A schema of schemas: nothing here has one, and kubeconform cannot compile it.
        shared[name] = {} if "JSONSchemaProps" in name else strict(definition)
    with open(f"{folder}/definitions.json", "w", encoding="utf-8") as out:
        text = json.dumps({"definitions": shared}).replace('"#/definitions/', '"definitions.json#/definitions/')
        out.write(text)
    for name, definition in definitions.items():
        kinds = definition.get("x-kubernetes-group-version-kind", [])
        if len(kinds) == 1:
            write(folder, kinds[0]["kind"], kinds[0]["group"], kinds[0]["version"],
                  {"$ref": f"definitions.json#/definitions/{name}"})


def crd(folder, groups, files):
    import yaml  # PyYAML

    class Loader(yaml.SafeLoader):
        """Takes "=" as the text it is."""

    Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: node.value)
    for file in files:
        with open(file, encoding="utf-8") as source:
            documents = [each for each in yaml.load_all(source, Loader) if each]
        for document in documents:
            if document.get("kind") != "CustomResourceDefinition":
                continue
            spec = document["spec"]
            for version in spec["versions"]:
                schema = strict(version["schema"]["openAPIV3Schema"])
                schema["properties"]["metadata"] = {"type": "object"}
                for group in [spec["group"]] + groups.get(spec["group"], []):
                    write(folder, spec["names"]["kind"], group, version["name"], schema)


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "openapi":
        openapi(arguments[1], arguments[2])
    elif len(arguments) >= 3 and arguments[0] == "crd":
        folder, rest = arguments[1], arguments[2:]
        groups = {}
        while rest and rest[0] == "--group":
            old, new = rest[1].split("=")
            groups.setdefault(old, []).append(new)
            rest = rest[2:]
        crd(folder, groups, rest)
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
