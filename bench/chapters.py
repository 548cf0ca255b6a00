"""What the results say about themselves: the texts of `RESULTS.md`."""

HEAD = """# Results

Made by `make bench`; `bench/results.json` holds the same figures for programs. Each benchmark
runs the service as its users do: `telecrew collector` or `telecrew run` in a process of its
own, the embedded MongoDB and a local Telegram in others. What compares is measured in the same
run, in turns, and `ratio` is the median over the pairs; absolute figures follow the machine and
whatever else it does. The last column is what is promised of a figure and whether it holds;
`make bench` fails when one does not.
"""

CHAPTERS: tuple[tuple[str, str, str], ...] = (
    (
        "history",
        "Collecting",
        """\
One chat for each client, 50,000 messages in all, jobs in MongoDB, no pace. CPU is user and
system time of the collecting process, all threads. The baseline is a plain Telethon script:
`iter_messages(wait_time=0)`, the same fields taken by hand, `insert_many` of 500, unordered,
majority; the documents of both are compared before anything is measured. Seven pairs (three for
`.decoded`), taken in turns after a warm-up. `.wall` are the same passes by the clock, with the
local Telegram on the same cores; `.decoded` is this collector with its skimming reader switched
off, beside the same script.""",
    ),
    (
        "paced",
        "Many accounts at a pace",
        """\
`paced.N`: N accounts, one source of 100 pages each, five pages a second each, from opening the
run to its end. The baseline is N times what one account does in the same round; the ratio is the
efficiency.""",
    ),
    (
        "split",
        "One chat over several accounts",
        """\
`split.N`: one chat of 50,000 messages over N accounts at five pages a second each, from opening the
run to its end, the look at what is missing and the sharing out included; three rounds. The baseline
is N times what one account does in the same round; the ratio is the efficiency. Each message must
have been stored, and read once.""",
    ),
    (
        "together",
        "Three tasks at once",
        """\
200 ms to Telegram and back. `.one`: three tasks on one account, compared with the same three
one after another. `.two`: three tasks on two accounts, compared with three on one. `free` has
no limits, `limited` five pages a second an account.""",
    ),
    (
        "isolation",
        "What failing accounts cost the others",
        """\
Twenty accounts read at a page a second each. Then one hangs, its connection and every new one
unanswered, one is revoked, and one is flooded at every second call. `.others` is what the other
seventeen store in the fifteen seconds after that, beside the same seconds of a run without these
faults; the ratio is the mean of ten pairs in turns, each run a collector of its own. `.low` and
`.high` bound the ratio with 95 % confidence (Student's t). `.busy`: the most of the machine's
cores that was in use in any of the windows, by everything that runs on it; `.usual`: the median of
the windows. Each begins after the start of its collector, once the machine is less than half in
use for a second.""",
    ),
    (
        "live",
        "Listening",
        """\
A thousand different messages a second in all, 100 chats, 5 accounts with 20 chats each, one
collector, one minute. From the local Telegram's socket write to the receipt of the insert, on one
clock: `p50`, `p99` and the worst. Every message is looked for by its id, and one that is missing
fails the benchmark.""",
    ),
    (
        "claim",
        "Claiming a job",
        """\
A peek for twenty accounts and a claim, with so many jobs of other accounts at the head of the
queue. The baseline is the smallest queue of the run.""",
    ),
    (
        "jobs",
        "Many runs at once",
        """\
`planned`: 400 runs of 50 sources each, from the first run that a collector has planned to the last,
beside a bare `insert_many` of the same documents; `.cpu` by the CPU time of the collector. It has
four accounts at a pace of a call a minute, and a bot shows the runs meanwhile. `bot`: the largest
size of that bot afterwards, while hardly anything happens in them, and the share of a core that it
takes. `cpu`: a chat of 20 messages that nobody knew before, 10 to a run, 400 in all, four accounts
in two collectors and a bot; CPU time of both collectors, mongod and bot for each job, and the
commands that MongoDB was sent for each. `uneven`: of 400 runs, what the one that got most had
begun more than the one that got least; `urgent`: the jobs of an urgent one beside the mean.""",
    ),
    (
        "store",
        "A store after years",
        """\
10 million messages of 100 chats, 100,000 runs with their jobs, 10,000 tasks, 20,000 jobs in the
queue, 200 accounts, 2,000 found groups and a run that listens to all chats. Each query as the bot
or a worker asks it, 200 times; the baseline is the bound of 50 ms for lists, cards and claims.
The messages of each chat were counted before, as the job that reads them leaves them.""",
    ),
    (
        "insert",
        "Writing",
        """\
Batches of 500 messages of about 600 bytes, acknowledged by a majority. `new` beside a bare
`insert_many`; `repeated` beside an upsert of each.""",
    ),
    (
        "start",
        "Starting",
        """\
From `telecrew run` to the bot's first answer, the embedded MongoDB included; `used` beside
`new`.""",
    ),
    (
        "idle",
        "Accounts at rest",
        """\
A hundred accounts in one collector, one of which never gets an answer. `ready`: until all
others are connected. `cpu`: all connected, nothing to do. `memory`: what each more connected
account takes, beside Telethon's own client, as the difference of two sizes of the process.""",
    ),
)
"""The first part of the names, a title, what is measured and how."""
