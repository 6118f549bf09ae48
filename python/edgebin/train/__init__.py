"""Training of networks of `edgebin.nn`: recipes, data sets, the loop, checkpoints.

`recipe` says what to do, `data` brings images, `loop.fit` trains, `checkpoint.load_network`
gives the result to export; `distributed` lets several processes train together. Importing its
modules imports torch; a device needs none of them.
"""
