"""Every workload, one after the other: `python scripts/bench`."""

import deep_chain
import small_ops
import start_up

if __name__ == "__main__":
    start_up.main()
    small_ops.main([])
    deep_chain.main([])
