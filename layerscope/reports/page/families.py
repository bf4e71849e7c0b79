"""What kind of file a path is, by its name alone: enough to group bytes by."""

from __future__ import annotations

FAMILIES = (
    "other",
    "programs and libraries",
    "Python",
    "JavaScript and web",
    "Java and .NET",
    "source code and headers",
    "archives and packages",
    "data and databases",
    "documents and text",
    "pictures, fonts, sound",
    "configuration",
    "version control",
)
OTHER, PROGRAMS, PYTHON, WEB, JAVA, SOURCE, ARCHIVES, DATA, TEXT, MEDIA, CONFIGURATION, VERSIONS = range(12)

_ENDINGS = {
    PROGRAMS: "so a o ko dll exe dylib node elf la mod bin",
    PYTHON: "py pyc pyo pyi pyx pxd whl egg",
    WEB: "js mjs cjs jsx ts mts cts tsx map css scss less html htm vue svelte wasm",
    JAVA: "jar war ear class java kt jmod pdb nupkg",
    SOURCE: "c cc cpp cxx h hh hpp hxx inl go rs rb pl pm sh bash zsh php lua r cs f90 s asm m4 cmake tcl el",
    ARCHIVES: "gz tgz xz bz2 zst lz4 zip tar deb rpm apk 7z gem crate br cab cpio",
    DATA: "db sqlite sqlite3 csv tsv parquet npy npz h5 hdf5 pkl pickle onnx pt pth safetensors gguf dat mo"
    " sql arrow feather mdb bdb dump tflite pb cache idx",
    TEXT: "md txt rst adoc pdf po log info tex 1 2 3 4 5 6 7 8 9 doc texi license changelog",
    MEDIA: "png jpg jpeg gif svg ico webp bmp tiff ttf otf woff woff2 eot mp3 mp4 ogg wav webm pcf pfb afm",
    CONFIGURATION: "json yaml yml toml ini cfg conf xml pem crt cer key properties list service env xsd",
}
_BY_ENDING = {ending: family for family, endings in _ENDINGS.items() for ending in endings.split()}
_PROGRAM_FOLDERS = ("bin", "sbin", "libexec")
_TEXT_FOLDERS = ("/man/", "/doc/")


def family_of(path: str) -> int:
    """The index in `FAMILIES` of a path's kind."""
    folder, _, name = path.rpartition("/")
    if "/.git/" in f"/{path}":
        return VERSIONS
    if any(part in path for part in _TEXT_FOLDERS):
        return TEXT
    if ".so." in name:
        return PROGRAMS
    _, dot, ending = name.rpartition(".")
    if dot and (family := _BY_ENDING.get(ending.lower())) is not None:
        return family
    if not dot and folder.rpartition("/")[2] in _PROGRAM_FOLDERS:
        return PROGRAMS
    return OTHER
