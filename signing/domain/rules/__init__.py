"""What the law says about an agreement before it exists: pure rules over a draft.

`engine.check` is the one entry for law (findings), `shape.check_parties` the one for shape.
"""
