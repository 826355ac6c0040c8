"""The use cases: one function per operation, named by its operationId, in the module of its tag."""
