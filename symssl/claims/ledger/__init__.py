"""What is kept of verdicts: the recorded ledger, the cache, errata, and the digests they rest on."""
