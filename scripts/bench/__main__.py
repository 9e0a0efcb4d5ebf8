"""Every workload, one after the other: `python scripts/bench`."""

import deep_chain
import fan_out
import matrices
import second_order
import small_ops
import start_up
import thousand

if __name__ == "__main__":
    start_up.main()
    for workload in (small_ops, thousand, second_order, matrices, fan_out, deep_chain):
        workload.main([])
