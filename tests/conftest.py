from tests.support.databases import new_database
from tests.support.servers import servers, topic_prefix

__all__ = ["new_database", "servers", "topic_prefix"]
