"""What `edgebin run` does with more than named files: folders, patterns, lists, results, labels.

| file | what |
|---|---|
| `sources.py` | the images that the arguments stand for, one at a time, in order |
| `standard_input.py` | `-`: an image, or a list of names |
| `classify.py` | what a worker does with an image |
| `rows.py` | a result as a line of text, JSON or CSV |
| `result_file.py` | a file of such lines, which a later run goes on with |
| `labelled.py` | images with their classes drawn below, as files |
| `stream.py` | all of it, in memory that does not grow with the number of images |
"""
