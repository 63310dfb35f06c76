"""How a letter's conversation is named on disk."""


def published_name(uri: str) -> str:
    """The file of a thread's published conversation: "/2026/slug/" gives "2026_slug.json".

    Slugs hold only a-z, 0-9 and hyphens, so an underscore can't make two threads meet.
    """
    return uri.strip("/").replace("/", "_") + ".json"
