"""What every page's frame needs."""


def page(request):
    return {"organisation": getattr(request, "organisation", None)}
