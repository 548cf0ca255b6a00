"""MongoDB: a repository a collection. The only importer of motor, pymongo and bson."""
