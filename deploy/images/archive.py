"""Writes an image as an OCI archive (image-spec 1.1, image layout), and prints its size and digest.

    archive.py PROGRAM LAYER.tar... RESULT     each layer's LAYER.tar.gz lies beside it
"""

import hashlib
import io
import json
import os
import platform
import sys
import tarfile
from pathlib import Path

CREATED = "2026-01-01T00:00:00Z"
OCI = "application/vnd.oci.image."
# Where no registry is, a name only needs to be a full one.
NAME = os.environ.get("IMAGE_PREFIX", "juicebox.test") + "/{program}:" + os.environ.get("IMAGE_TAG", "dev")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
USERS = {"controller": "65532:65532", "node": "0:0"}


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def as_json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()


def configuration(program: str, layers: list[Path]) -> bytes:
    java = ["/jre/bin/java", "@/app/jvm.options", "@/app/cache.options", "-jar", f"/app/juicebox-{program}.jar"]
    return as_json(
        {
            "created": CREATED,
            "architecture": ARCHITECTURES[platform.machine()],
            "os": "linux",
            "config": {"User": USERS[program], "Env": ["PATH=/bin"], "WorkingDir": "/", "Entrypoint": java},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
            "history": [{"created": CREATED, "created_by": "deploy/images/build.sh"} for _ in layers],
        }
    )


def described(kind: str, content: bytes) -> dict:
    return {
        "mediaType": OCI + kind + "+json",
        "digest": "sha256:" + hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }


def blob(of: dict) -> str:
    return "blobs/sha256/" + of["digest"].removeprefix("sha256:")


def write(result: Path, files: dict[str, bytes | Path]) -> None:
    with tarfile.open(result, "w", format=tarfile.GNU_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            if isinstance(content, Path):
                entry.size = content.stat().st_size
                with content.open("rb") as file:
                    archive.addfile(entry, file)
            else:
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))


def main(program: str, *paths: str) -> None:
    *layers, result = map(Path, paths)
    files: dict[str, bytes | Path] = {"oci-layout": as_json({"imageLayoutVersion": "1.0.0"})}
    config = configuration(program, layers)
    of_config = described("config.v1", config)
    of_layers = []
    for packed in (Path(f"{layer}.gz") for layer in layers):
        of_layers.append({"mediaType": OCI + "layer.v1.tar+gzip", "digest": digest(packed), "size": packed.stat().st_size})
        files[blob(of_layers[-1])] = packed
    manifest = as_json({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": of_config, "layers": of_layers})
    of_manifest = described("manifest.v1", manifest)
    name = NAME.format(program=program)
    files |= {blob(of_config): config, blob(of_manifest): manifest}
    of_manifest["annotations"] = {"io.containerd.image.name": name}
    files["index.json"] = as_json({"schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": [of_manifest]})
    write(result, files)
    sizes = " + ".join(f"{layer.stat().st_size / 1e6:.0f}" for layer in layers)
    print(f"{name}  {sizes} MB in layers, {result.stat().st_size / 1e6:.0f} MB packed")
    print(f"  {of_manifest['digest']}")


main(*sys.argv[1:])
