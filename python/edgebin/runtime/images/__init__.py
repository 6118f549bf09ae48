"""Images as Pillow gives them: opened, checked, decoded whole, upright, in 8 bits.

| file | what |
|---|---|
| `formats.py` | which formats are tried, and what is said of any other file |
| `suffixes.py` | what the names of image files end in |
| `limits.py` | how large an image may be |
| `load.py` | a path, bytes, a file object, an array or a Pillow image, decoded |
| `jpeg.py` | large photographs, and JPEGs without an end marker |
| `orientation.py` | turned upright by EXIF or XMP |
| `colour.py` | 8-bit grey or RGB |
| `libtiff.py` | keeps libtiff from writing to standard error |
"""
