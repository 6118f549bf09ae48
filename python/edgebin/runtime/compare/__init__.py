"""Compares measurements: two documents of `edgebin bench`, or a model beside other runtimes.

`documents` reads files of every schema so far, `bootstrap` gives ratios with an interval, and
`pairs` matches results and layers. `interleaved` measures a model and files for other runtimes
(`peers`) in turn, each in fresh processes.
"""
