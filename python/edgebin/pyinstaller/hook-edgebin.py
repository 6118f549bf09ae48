"""Run by PyInstaller where a program imports edgebin; see `edgebin.pyinstaller`."""

from PyInstaller.utils.hooks import collect_data_files, copy_metadata

datas = [
    *collect_data_files("edgebin", includes=["models/*.ebn", "train/recipe/shipped/*.toml"]),
    *copy_metadata("edgebin"),
]
hiddenimports = ["edgebin._core"]
# Named in edgebin/__init__.py for type checkers alone; following them would freeze PyTorch.
excludedimports = [f"edgebin.{name}" for name in ("converter", "exporter", "nn", "refine", "train")]
