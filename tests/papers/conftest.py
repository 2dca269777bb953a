"""The order of the tests of figures."""


def pytest_collection_modifyitems(items):
    """Tests of one figure come one after the other: each process draws a figure once, and some take long.

    So they do where the tests are shared out to several processes, in runs of neighbours.
    """
    own = [k for k, item in enumerate(items) if item.path.name == "test_figures.py" and _figure(item)]
    for k, item in zip(own, sorted((items[k] for k in own), key=_figure)):
        items[k] = item


def _figure(item):
    values = item.callspec.params if hasattr(item, "callspec") else {}
    return (values["paper"], values["name"]) if {"paper", "name"} <= set(values) else None
