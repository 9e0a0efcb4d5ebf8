"""Every workload, one after the other: `python scripts/bench`.

With --report only those of compiled functions, whose ratios are written into the README.
"""

import sys

import deep_chain
import fan_out
import language_training
import matrices
import prompt
import report
import resnet
import rows
import scalar_program
import second_order
import small_ops
import start_up
import tables
import thousand
import training

LIBRARY = (small_ops, thousand, second_order, matrices, fan_out, deep_chain)

if __name__ == "__main__":
    if "--report" in sys.argv[1:]:
        report.write()
        sys.exit()
    start_up.main()
    prompt.main()
    for workload in (
        *LIBRARY,
        scalar_program,
        rows,
        tables,
        training,
        language_training,
        language_training,
        resnet,
    ):
        workload.main([])
