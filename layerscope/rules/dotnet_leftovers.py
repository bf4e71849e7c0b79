"""P32: NuGet packages, reference assemblies and symbols."""

from __future__ import annotations

from layerscope.advice.leftover import Remedy, leftover

RULE = leftover(
    id="dotnet-leftovers",
    title=".NET's packages and symbols",
    family="dotnet",
    patterns=(
        ".nuget/packages/",
        ".local/share/NuGet/",
        "/usr/share/dotnet/packs/",
        "/usr/lib/dotnet/packs/",
        "*.pdb",
    ),
    remedy=Remedy(
        cleanup="dotnet nuget locals all --clear",
        mount="/root/.nuget/packages",
        instead=(
            "Better: dotnet publish in a stage of its own, and copy its output "
            "to an aspnet or runtime-deps image"
        ),
    ),
    help="""Packages and reference assemblies are needed to build; symbols to debug.""",
)
