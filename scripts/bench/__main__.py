"""Every workload, one after the other: `python scripts/bench`."""

import deep_chain
import fan_out
import matrices
import resnet
import second_order
import small_ops
import start_up
import thousand
import training

LIBRARY = (small_ops, thousand, second_order, matrices, fan_out, deep_chain)

if __name__ == "__main__":
    start_up.main()
    for workload in (*LIBRARY, training, resnet):
        workload.main([])
