## Home, help, language

home-what =
    <b>Telecrew</b>
    Finds groups and channels, joins them, collects what is said there and keeps listening, with a crew of your own accounts.
home-state =
    Running now: <b>{ $running }</b> · Tasks: <b>{ $tasks }</b>
    Accounts ready: <b>{ $ready }</b> of { $accounts }
home-no-account = No account can work yet. Sign one in on the server with <code>telecrew login</code>.

help =
    <b>Help</b>

    /newtask — make a task
    /tasks — your tasks: start, stop, edit, delete
    /accounts — the crew and who can work
    /queue — what runs, and what waits for what
    /workers — the collectors and what they do
    /earlier — chats that earlier tasks collected
    /language — change the language
    /cancel — leave what you began

    Quick start: send
    <code>/newtask @name</code>
    and press Start.
help-sources-button = Writing sources
help-sources =
    <b>Writing sources</b>

    A source is a group or channel. Any of these works, several at once, however they are separated:

    <code>@name</code>
    <code>t.me/name</code>
    <code>https://t.me/name/123</code>
    <code>tg://resolve?domain=name</code>
    <code>t.me/+invite</code>
    <code>-1001234567890</code> or <code>t.me/c/1234567890/5</code>
    a message that you forward from the chat

    A word without <code>@</code> is not looked up before you say that it is a name. What cannot be read is named, and the rest is kept. Of more than 50 sources the others wait for a next task.

    A private group behind an invite link has to be joined first: choose “Join and collect”. An id works for accounts that are in the chat.
help-steps-button = Finding and joining
help-steps =
    <b>Finding and joining</b>

    /newtask offers nine ways, from “Collect history” to “All of it”, and any other mixture of the steps. Each shows only the pages it needs.

    <b>Finding</b> asks search bots and Telegram's own search for your words, and lists each group once.
    <b>Joining</b> waits for your ticks in that list, unless rules choose. Where an administrator has to agree, the task goes on once that happens.
    <b>Listening</b> stores new messages as they come, until you press Stop.

    One group that is full or closed does not hold up the others; the card says why, and Retry tries it again.
help-tasks-button = Tasks and runs
help-tasks =
    <b>Tasks and runs</b>

    A task says what to collect. Each start of it is a run with a card of its own that updates by itself.

    <b>Start</b> reads only what is still missing. <b>Retry</b> repeats only the sources that failed. <b>Pause</b> lets a run and its schedule rest until you resume them. <b>Stop</b> keeps everything stored so far. <b>Delete</b> removes the task and its runs; you choose whether messages stay.
help-accounts-button = Accounts
help-accounts =
    <b>Accounts</b>

    Each task is done by one account of your choice, by several that you tick, or by whichever ready account is least busy.

    The default account is used when you choose none. Change it under /accounts.

    Accounts are signed in on the server with <code>telecrew login</code>. Never send a login code into a chat: Telegram would cancel it.
help-schedule-button = Schedule
help-schedule =
    <b>Schedule</b>

    A task can run now, once at a time, every so often, or every day. You can type the time:

    <code>30m</code>, <code>2h</code>, <code>1w</code>, <code>hourly</code> — again and again
    <code>09:00</code>, <code>9am</code>, <code>noon</code> — every day
    <code>9:00, 18:00</code> — twice a day
    <code>mon, fri 9:00</code>, <code>weekdays 9am</code>, <code>sat-sun 10:00</code> — on these days
    <code>monthly 1 9:00</code> — on the first of each month
    <code>tomorrow 9am</code>, <code>next monday 9:00</code>, <code>in 2 hours</code> — once
    <code>2030-01-31 18:30</code> — once
    <code>0 9 * * 1-5</code> — as in a crontab (0 and 7 are Sunday)
    <code>quiet 22:00-07:00</code> — what is due then waits for the end
    <code>until 2030-12-31</code>, <code>for 30 days</code> — the last day

    All of it fits into one line: <code>9:00 quiet 22:00-07:00 until 2030-12-31</code>. What I do not understand I name, and keep the rest.

    Runs of one task never overlap. A time that was missed is made up for once, and its card says so.
help-results-button = Results
help-results =
    <b>Results</b>

    The card of an ended run offers the latest five messages and an export as CSV (opens in Excel) or JSON Lines.

    Everything also lies in your MongoDB; <code>telecrew export</code> writes it on the server.

language-choose = Which language shall I speak?
language-telegram = Same as my Telegram app
language-set = I will speak { $language }.

cancel-nothing = There is nothing to cancel.
hint-command = I do not know this command. /help lists what I can do.
group-here = I answer here, not in the group.
hint-text = I did not expect this here. To collect from a group, send /newtask and its name. /help shows more.

command-newtask = Make a task
command-tasks = Your tasks
command-accounts = The crew
command-queue = What runs and what waits
command-workers = The collectors
command-earlier = Chats of earlier tasks
command-help = How it works
command-language = Change the language
command-cancel = Leave what you began
command-start = Home

## Buttons

button-new-task = ➕ New task
button-tasks = Tasks
button-accounts = Accounts
button-help = Help
button-start = ▶️ Start
button-save = 💾 Save
button-stop = ⏹ Stop
button-cancel = Cancel
button-back = ‹ Back
button-sources = Sources ({ $count })
button-what = What to read
button-account = Account
button-when = When
button-keeping = Keeping
button-pool = Several accounts…
button-pool-chosen = Several accounts ({ $count })
button-use-ticked = Use the { $count } ticked
button-next = Go on ›
button-remove = ✕ { $source }
button-use-instead = Use { $source } instead
button-open-task = Open task
button-retry = 🔁 Retry
button-other-account = Choose another account
button-latest = Latest 5
button-export = Export
button-again = ▶️ Start again
button-edit = Edit
button-delete = Delete
button-delete-yes = Yes, delete; keep messages
button-pause-schedule = Pause schedule
button-resume-schedule = Resume schedule
button-pause-run = ⏸ Pause
button-resume-run = ▶️ Resume
button-clone = Copy
button-delete-messages = Delete with { $count } messages…
button-delete-messages-yes = Yes, delete { $count } messages
button-earlier = Chats of earlier tasks
button-earlier-keep = Keep
button-earlier-delete = Yes, delete { $count } messages
button-earlier-leave = Yes, leave them to the tasks
button-csv = CSV (Excel)
button-jsonl = JSON Lines
button-refresh = Refresh
button-make-default = Make { $name } the default

## Wizard

wizard-title = <b>New task</b>
wizard-title-edit = <b>Edit task</b>
wizard-closed = Closed. Nothing was started.
wizard-closed-edit = Closed. Nothing was changed: the task stays as it was.
wizard-replaced = This form was replaced by the newer one below. Nothing of it was started.
wizard-replaced-edit = This form was replaced by the newer one below. Nothing of it was changed.
wizard-sources-title = <b>Sources</b>
wizard-sources-empty = Which groups or channels shall I read?
wizard-sources-hint = Send names or links, one a line, such as <code>@name</code> or <code>t.me/name</code>. Press one to remove it.
wizard-what =
    <b>What to read</b>
    Now: { $now }

    Or type a number (<code>5000</code>), a span (<code>90d</code>, <code>last 24 hours</code>, <code>3 months</code>), a date (<code>2024-01-31</code>, <code>yesterday</code>), an end (<code>until 2024-06-30</code>) or a range (<code>2024-01-01..2024-06-30</code>). A span counts back from the beginning of each run.

    What was read once, in an earlier run or by another task, is not read again: each run adds only what is new or still missing.
wizard-account =
    <b>Account</b>
    Who shall do it?
wizard-pool =
    <b>Several accounts</b>
    Tick those that may do it: of them, whoever is least busy takes each piece of work. No other account does.
wizard-account-nobody =
    <b>No account can work now</b>
    Sign one in on the server with <code>telecrew login</code>, then come back. /accounts shows why each one cannot.
wizard-when =
    <b>When</b>
    Chosen: { $now }
    It is { $clock } ({ $zone }).

    Or type: <code>45m</code>, <code>2h</code>, <code>1w</code>; <code>9am</code> for every day, <code>mon, fri 9:00</code>, <code>weekdays 9:00, 18:00</code>; <code>tomorrow 9am</code> or <code>2030-01-31 18:30</code> for once; <code>0 9 * * 1-5</code> as in a crontab. Add <code>quiet 22:00-07:00</code> and <code>until 2030-12-31</code>, at once or later.

fact-what = 📄 { $value }
fact-account = 👤 { $value }
fact-when = 🕒 { $value }
fact-next = { $count ->
    [one] Next run: { $value }
   *[other] Next runs: { $value }
}
fact-last-run = Last run: { $value }
fact-used = Done by: { $value }

source-found =
    ✓ <b>{ $title }</b> { $source }{ $members ->
        [-1] { "" }
       *[other] { " · " }{ $members } { $members ->
            [one] member
           *[other] members
        }
    }{ $messages ->
        [-1] { "" }
       *[other] { " · " }about { $messages } messages
    }
source-moved = ⚠️ { $source } was <b>{ $before }</b> before: the name has moved to another chat. Only the chat shown here will be read; remove it if you want the other one, and add that by its link or ID.
source-asked = … { $source } · looking up
source-unknown = ✗ <b>{ $source }</b> · nobody has this name
source-person = ✗ <b>{ $source }</b> · a person or a bot, not a group or channel
source-unchecked = · { $source } · will be checked at the start
source-problem = · { $source } · { $reason } It will be tried again at the start.

what-all = All history
what-limit = Newest { $count }
what-days = Last { $days ->
    [one] 24 hours
   *[other] { $days } days
}
what-hours = Last { $hours ->
    [one] hour
   *[other] { $hours } hours
}
what-since = Since { $since }
what-until = Until { $until }
what-range = { $since } to { $until }

when-now = Now
when-on-start = When Start is pressed
when-in-hour = In an hour
when-tomorrow = Tomorrow { $time }
when-daily = Every day at { $time }
when-weekly = { $days } at { $time }
when-monthly = Each month on day { $day } at { $time }
day-mon = Mondays
day-tue = Tuesdays
day-wed = Wednesdays
day-thu = Thursdays
day-fri = Fridays
day-sat = Saturdays
day-sun = Sundays
days-workdays = Mondays to Fridays
days-weekend = Saturdays and Sundays
days-range = { $first } to { $last }
when-once = Once, { $time }
when-every-minutes = Every { $minutes ->
    [one] minute
   *[other] { $minutes } minutes
}
when-every-hours = Every { $hours ->
    [one] hour
   *[other] { $hours } hours
}
when-every-days = Every { $days ->
    [one] 24 hours
   *[other] { $days } days
}
when-with-next = { $when } · next { $time }
when-first-now = { $when }, first now
when-cron = By cron <code>{ $cron }</code>
when-quiet = { $when }, quiet { $start }–{ $end }
when-ends = { $when }, until { $day }
button-quiet = 🌙 Quiet { $start }–{ $end }
button-no-quiet = 🌙 No quiet hours
button-ends = End in { $days } days
button-no-end = No end

wizard-fix-unknown = ⚠️ Replace or remove what is marked ✗, then go on.
wizard-nobody-ready = ⚠️ No account can work now. Sign one in on the server with telecrew login; /accounts tells more.
wizard-account-not-ready = ⚠️ This account cannot work now. Choose another one, or see /accounts.
wizard-pool-not-ready = ⚠️ None of the chosen accounts can work now. Choose others, or see /accounts.
wizard-pool-nobody = Tick at least one account first.
wizard-pool-too-many = At most { $most } accounts, please.
wizard-edit-counts = ℹ️ Changes count from the next run.
wizard-instead-of-default = ℹ️ The default account cannot work now, so another one is chosen.
wizard-bad-not_a_name = ✗ { $text } is neither a name nor a link to a public group.
wizard-bad-bare_word = ✗ { $text } has no @ in front, so I do not know whether it is a name.
wizard-bad-person = ✗ { $text } leads to a person, not to a group or channel.
wizard-bad-folder = ✗ { $text } is a folder of chats. Send the links of the chats in it.
wizard-bad-other_link = ✗ { $text } leads to no group or channel.
wizard-asked = ❓ I did not look these up, since I am not sure that you mean groups or channels: { $names }. Press the ones you mean.
wizard-waiting = ⏳ { $count } more wait, since one task takes at most { $most } sources: { $names }. After Start, a form for the next ones opens by itself.
wizard-next-task = ℹ️ These sources were left over from the task before. It has the same settings; press Start, or change it first.
button-add-source = ➕ { $source }
button-drop-asked = None of them
button-drop-waiting = Forget the { $count } that wait
wizard-text-not-understood = I did not understand this. Send names or links of groups, or use the buttons. Your draft is kept.
wizard-press-an-account = Please choose an account with a button.
wizard-no-sources = Add at least one group or channel first.
wizard-too-many-sources = At most { $most } sources at a time, please. Nothing was added; send fewer of them.
wizard-unknown-source = Nobody has the name { $source }. Replace or remove it first.
wizard-person = { $source } is a person or a bot, not a group or channel. Replace or remove it first.
wizard-account-gone = This account is not in the crew any more. Choose another one.
wizard-what-not-understood = I did not understand this: “{ $part }”. Try 5000, 90d, last 24 hours, 2024-01-31 or 2024-01-01..2024-06-30.
wizard-what-bad-count = A number from 1 to { $most }, please.
wizard-what-bad-days = A number of days from 1 to { $most }, please.
wizard-what-future = This day is still to come. Choose one that has begun.
wizard-what-backwards = The first day comes after the last one. Swap them, please.
wizard-no-such-day = There is no such day: { $day }.
wizard-when-not-understood = I did not understand this: “{ $part }”. Try 30m, 2h, 9am, mon 9:00, weekdays 9:00, tomorrow 9:00, 2030-01-31 18:30 or 0 9 * * 1-5.
wizard-when-no-time = At what time? “{ $part }” names none. Try it with 9:00 or 9am behind.
wizard-when-no-day = On which day? “{ $part }” names none. Try mon 9:00, or weekly without a time.
wizard-when-two-times = “{ $part }” says more than one schedule can do. Choose one: an interval, a time of certain days, or one day. A second task can do the rest.
wizard-when-bad-interval = From 1 minute to { $most } days, please.
wizard-when-past = This time has passed. Choose one to come.
wizard-when-first = Choose a time first; then it can have quiet hours and an end.
wizard-quiet-empty = Quiet hours need a beginning and another end.
wizard-cron-fields = A cron expression has five fields: minute, hour, day, month, day of the week. For example 0 9 * * 1-5.
wizard-cron-minute = The first field of the cron expression is the minute: 0 to 59.
wizard-cron-hour = The second field of the cron expression is the hour: 0 to 23.
wizard-cron-day = The third field of the cron expression is the day of the month: 1 to 31.
wizard-cron-month = The fourth field of the cron expression is the month: 1 to 12, or jan to dec.
wizard-cron-weekday = The fifth field of the cron expression is the day of the week: 0 to 7 (0 and 7 are Sunday), or mon to sun.
wizard-cron-never = No day is like that: this cron expression would never fire.

## Wizard: what to do

wizard-steps-first =
    <b>New task</b>
    Which groups or channels shall I read? Send names or links, one a line, and their history is collected.

    Or choose what to do:
wizard-steps =
    <b>What to do</b>
    What you entered so far is kept.
wizard-mix =
    <b>Steps</b>
    Now: { $now }

    Tick what the task does. Whatever the order of your ticks, it finds, then joins, then collects, and listens from then on.
wizard-one-step = Leave at least one step.
preset-history = Collect history
preset-follow = Collect history and keep listening
preset-listen = Listen to new messages
preset-join = Join and collect
preset-stay = Join, collect and keep listening
preset-enter = Join only
preset-find = Find groups
preset-fetch = Find, join and collect
preset-all = All of it: find, join, collect, listen
step-search = Find groups
step-join = Join
step-history = Collect history
step-listen = Listen
button-own-steps = Other steps…
button-steps = 🧭 What to do
fact-steps = 🧭 { $value }

## Wizard: searching

wizard-words-title = <b>Words to search for</b>
wizard-words-hint = Send words; each line is a search of its own, and so is what commas or semicolons keep apart. Press one to remove it.
wizard-places =
    <b>Where to search</b>
    The numbers: how many pages of a bot's answer are read for each line of words.
wizard-places-no-bots =
    <b>Where to search</b>
    No search bots are set up; the server's setting SEARCH_BOTS names them. The numbers: how many pages of a bot's answer are read.
place-telegram = Telegram's own search
search-word = · { $word }
search-places = { $places } · { $pages ->
    [one] 1 page
   *[other] { $pages } pages
} of each answer
fact-words = 🔎 { $value }
fact-places = 📍 { $value }
button-words = Words ({ $count })
button-places = Where to search
wizard-no-words = Send at least one word to search for first.
wizard-too-many-words = ✗ “{ $word }”: one task searches for at most { $most } lines of words.
wizard-word-too-long = ✗ “{ $word }”: at most { $most } characters a line, please.
wizard-word-is-command = ✗ “{ $word }”: words to search for cannot begin with a slash.
wizard-one-place = Leave at least one place to search at.

## Wizard: joining

wizard-joining =
    <b>Joining</b>
    Which of the found groups shall be joined and collected?
wizard-joining-named =
    <b>Joining</b>
    The sources of this task are joined before anything else.
join-ask = I tick them in a list
join-auto = Join those that fit the rules
join-never = Join none, read those that fit the rules
join-leave = Leave them when the task is deleted
join-named = Joins the sources first
join-no-more = Joins the sources and reads nothing
join-by-rules = { $who }: { $rules }
join-then-leave = { $who }; leaves them when the task is deleted
button-joining = Joining
button-rules = Rules
fact-join = 🚪 { $value }
wizard-rules =
    <b>Rules</b>
    Now: { $now }

    Or type a number (members at least), or words that exclude a group, one a line.
rule-any-size = Any size
rule-at-least = ≥ { $count }
rule-members = at least { $count } members
rule-any-language = Any language
rule-languages = title in { $names }
rule-without = without { $words }
rule-most = At most { $count }
rule-no-limit = No limit
button-clear-without = Exclude no words
language-zh = Chinese
language-en = English
language-ru = Russian
language-ja = Japanese
language-ko = Korean
language-ar = Arabic
wizard-rule-bad-members = A number up to { $most }, please.
wizard-rule-bad-words = At most { $most } words of up to { $longest } characters each, please.

## Wizard: more options

wizard-more-history =
    <b>More</b>
    Comments are the discussions below a channel's posts. Sharing lets several accounts read one chat at once. The last row is how urgent the task is.
wizard-more =
    <b>More</b>
    How urgent is this task?
wizard-topic =
    <b>One topic only</b>
    Send a link into the topic, such as <code>t.me/name/5</code> or <code>t.me/name/5/123</code>.
wizard-media =
    <b>Files</b>
    { $now }

    They are kept on the server, each once. Protected and expiring ones are left out.
button-more = More
button-topic = One topic only
button-all-topics = All topics
button-media = Files
option-comments-button = Comments below posts
option-split-button = Share one chat among accounts
option-topic = only topic { $topic }
option-comments = with comments
option-split = each chat shared among the accounts
media-none = No files
media-all = All files
media-photos = Photos
media-videos = Videos
media-documents = Documents
media-sounds = Voice and music
media-some = keeps: { $kinds }
media-up-to = keeps: { $kinds }, up to { $size } MB each
media-size = { $size } MB
media-any-size = Any size
fact-options = ⚙️ { $value }
fact-priority = ⚡ { $value }
priority-low = Not urgent
priority-normal = Normal
priority-high = Urgent
what-from = From message { $message } on
wizard-link-not-understood = This is no link to a message. Try t.me/name/123.
wizard-link-one-source = A link to a message or a topic needs exactly one source. Remove the others, or choose something else.
wizard-link-elsewhere = This link leads to another chat than { $source }.
wizard-press-a-button = Please use the buttons here. Your draft is kept.

## Wizard: keeping

wizard-keeping =
    <b>Keeping</b>
    Now: { $now }

    For how long the messages of its chats stay here: older ones are deleted, also those that other tasks collected, and are not read. Or type a number of days.

    Then: what becomes of messages that are deleted in Telegram while somebody listens, from now on.

    Both belong to the chat. Where several tasks share one, the strictest counts: the shortest time, and deleted texts go unless all of them keep them.
wizard-keeping-not-understood = I did not understand this. Try 30, 90d, 3 months or for ever.
keep-days = for { $days } { $days ->
    [one] day
   *[other] days
}
keep-for-ever = for ever
keep-mirrored = deleted texts go here, too
keep-deleted = deleted texts stay, marked
button-mirror-deletions = Deleted texts go here, too
button-keep-deletions = Deleted texts stay, marked
keeping-stricter = ⚠️ Other tasks on the same chats are stricter, and that counts:
keeping-stricter-task = · Task #{ $number }: { $value }
fact-keeping = 🗄 { $value }

## Wizard: invites and ids

source-entered =
    ✓ <b>{ $title }</b> { $source } · joined already{ $members ->
        [-1] { "" }
       *[other] { " · " }{ $members } { $members ->
            [one] member
           *[other] members
        }
    }{ $messages ->
        [-1] { "" }
       *[other] { " · " }about { $messages } messages
    }
source-invite =
    🔒 <b>{ $title }</b>{ $members ->
        [-1] { "" }
       *[other] { " · " }{ $members } { $members ->
            [one] member
           *[other] members
        }
    } · not joined yet{ $approval ->
        [yes] { " · " }an administrator has to agree
       *[no] { "" }
    }
source-closed = 🔒 <b>{ $source }</b> · the account is not in this chat
source-dead = ✗ <b>{ $source }</b> · { $reason }
button-join-first = 🚪 Join and collect
button-join-then-listen = 🚪 Join and listen
wizard-fix-closed = ⚠️ The account is not in the chat marked 🔒. Let the task join it by its invite link, choose another account, or remove it.
wizard-dead-invite = The invite link { $source } does not work any more. Remove it first.
wizard-closed-source = The account is not in { $source }. Let the task join it, choose another account, or remove it.

## Accounts

accounts-none =
    <b>No accounts yet</b>
    Sign one in on the server with <code>telecrew login</code>. It shows up here at once.
accounts-title = <b>Accounts</b> · { $ready } of { $total } ready
account-line = { $name } #{ $number } { $username } { $phone }
account-is-default = ★ Default account
account-status = { $state } · running jobs: { $running }
account-until = Until { $time }.
account-name = { $name } (#{ $number })
account-gone = account not in the crew any more
account-balance = Balance automatically
account-choice = { $name } #{ $number }
account-choice-default = ★ { $name } #{ $number } · default
account-choice-idle = 🚫 { $name } #{ $number } · { $state }

account-state-ready = Ready
account-state-signed_out = Not signed in
account-state-resting = Resting
account-state-limited = Limited by Telegram
account-state-frozen = Frozen by Telegram
account-state-banned = Banned by Telegram
account-state-lost = Session lost
account-state-paused = Paused

account-todo-signed_out = Sign it in on the server: telecrew login
account-todo-resting = It goes on by itself. Nothing to do.
account-todo-limited = Use it gently, and ask @SpamBot in Telegram about it.
account-todo-frozen = Open Telegram with this account and follow the appeal shown there.
account-todo-banned = Use another account; an appeal goes to recover@telegram.org.
account-todo-lost = Sign it in again on the server: telecrew login
account-todo-paused = It was paused on the server and waits there to be resumed.
account-nobody-open = No collector can open or connect it ({ $hosts }). { $reason }
account-nobody-reach = No collector can reach Telegram with it ({ $hosts }). { $reason }
account-nobody-held = Its collector ({ $hosts }) cannot connect it now. { $reason }
account-nobody-todo-open = Give that collector the SESSION_KEYS, API_ID and TELEGRAM_DC of the others and restart it, or sign the account in again: telecrew login
account-nobody-todo-reach = It is tried again by itself. If it lasts, check the network of that server.

account-cannot-signed_out = { $account } (#{ $number }) is not signed in. Sign it in on the server with: telecrew login
account-cannot-resting = { $account } (#{ $number }) is resting as Telegram asked. Choose another one, or wait.
account-cannot-limited = Telegram limits { $account } (#{ $number }) at the moment. Choose another one.
account-cannot-frozen = Telegram has frozen { $account } (#{ $number }). Choose another one.
account-cannot-banned = Telegram has banned { $account } (#{ $number }). Choose another one.
account-cannot-lost = The session of { $account } (#{ $number }) is lost. Sign it in again on the server with: telecrew login
account-cannot-paused = { $account } (#{ $number }) is paused. Choose another one.

## Tasks

tasks-none =
    <b>No tasks yet</b>
    Make the first one with the button, or send <code>/newtask @name</code>.
tasks-title = <b>Tasks</b>{ $pages ->
    [one] { "" }
   *[other] { " · " }page { $page } of { $pages }
}
tasks-line =
    <b>#{ $number }</b> { $sources }{ $more ->
        [0] { "" }
       *[other] { " " }+{ $more }
    }
    { $state } · { $account }
task-new = Not started yet
task-scheduled = Scheduled
task-deleting = Deleting…
task-paused = Schedule paused
task-last-run = { $time } · { $state }
delete-confirm =
    <b>Delete task #{ $number }?</b>
    The task and its runs go. A run in progress is stopped. Collected messages stay, unless you choose otherwise.
delete-messages = Stored of chats that no other task names: <b>{ $count }</b> messages of { $chats }.
delete-confirm-messages =
    <b>Delete task #{ $number } with { $count } messages?</b>
    All that is stored of { $chats } goes: <b>{ $count }</b> messages. This cannot be undone.
delete-shared = Other tasks name these as well, so their messages stay: { $chats }.
delete-earlier = An earlier task collected these as well, so their messages stay: { $chats }. Decide about them with /earlier.
delete-leaves = Its accounts leave what they joined for it ({ $count }): { $chats }.
delete-stays-in = They stay in what other tasks name as well: { $chats }.
delete-stopping = Deleting task #{ $number }… It leaves /tasks once its run has ended.
delete-done = Task #{ $number } is deleted. Its collected messages stay.
delete-done-messages = Task #{ $number } is deleted, and so are the messages that it alone had collected.
delete-not-yet = The run of task #{ $number } has not ended yet. Try again in a moment.

## Chats of earlier tasks

earlier-none =
    <b>Chats of earlier tasks</b>
    There are none: each stored chat belongs to a task that is still here.
earlier-title = <b>Chats of earlier tasks</b>{ $pages ->
    [one] { "" }
   *[other] { " · " }page { $page } of { $pages }
}
earlier-about = A task that is not known any more collected these chats, alone or with others. Their messages stay until you delete them here. 📌 marks what you keep.
earlier-chat = <b>{ $title }</b> · messages: { $count }
earlier-also = Also collected by: { $tasks }.
earlier-undecided = Keep what is stored, or delete it?
earlier-kept = You keep it. No task takes its messages along when it is deleted.
earlier-confirm =
    <b>Delete what is stored of { $title }?</b>
    { $count } messages go, with their former texts. This cannot be undone.
earlier-confirm-shared =
    <b>{ $title }</b> is also collected by: { $tasks }.
    Nothing is deleted now: its { $count } messages belong to these tasks alone from now on. To delete them, delete the tasks with their messages.
earlier-deleting = Deleting { $count } messages of { $title }…
earlier-deleted = The { $count } messages of { $title } are deleted.
earlier-left = The { $count } messages of { $title } belong to the tasks that collect it.

## Queue and workers

queue-none =
    <b>Queue</b>
    Nothing runs and nothing waits.
queue-title = <b>Queue</b> · open runs: { $open }, running jobs: { $running }, waiting jobs: { $queued }{ $pages ->
    [one] { "" }
   *[other] { " · " }page { $page } of { $pages }
}
queue-run =
    <b>#{ $number }</b> { $sources }
    { $state } · running jobs: { $running }, waiting: { $queued }
queue-paused = Paused until somebody resumes it.
queue-not-begun = Waits until fewer runs are at work.
queue-turn = Waits for its turn.
queue-wait = { $reason }{ $count ->
    [one] { "" }
   *[other] { " " }(jobs: { $count })
}
queue-wait-until = { $reason } Goes on at { $until }.{ $count ->
    [one] { "" }
   *[other] { " " }(jobs: { $count })
}
workers-none =
    <b>Workers</b>
    No collector was ever started. Start one on the server: <code>telecrew collector</code>
workers-title = <b>Workers</b> · alive here: { $alive }{ $pages ->
    [one] { "" }
   *[other] { " · " }page { $page } of { $pages }
}
worker-line = <b>{ $host }</b> <code>{ $id }</code> · { $version }
worker-load = accounts: { $accounts } · running jobs: { $jobs } · loop late by { $lag } ms
clock-ahead = ⚠️ The collector's clock is { $span } ahead of { $source ->
    [mongodb] MongoDB's
    [bot_api] the Bot API's
   *[other] Telegram's
 }. Schedules, retention and clean-up wait. Set the clock of that machine; nothing else is needed.
clock-behind = ⚠️ The collector's clock is { $span } behind { $source ->
    [mongodb] MongoDB's
    [bot_api] the Bot API's
   *[other] Telegram's
 }. Schedules, retention and clean-up wait. Set the clock of that machine; nothing else is needed.
clock-set = ⚠️ The collector's clock was changed while it ran. Schedules, retention and clean-up wait until it agrees with MongoDB's and Telegram's.
clock-unproven = ⚠️ The collector could not compare its clock with { $source ->
    [mongodb] MongoDB's
   *[other] Telegram's: no account is connected
 }. What cannot be undone waits: retention, skipping missed times, the end of a schedule.
worker-seen = seen { $span } ago
worker-draining = handing its accounts over · seen { $span } ago
worker-gone = gone since { $time }
worker-left = stopped at { $time }
worker-setback-own = It cannot open or connect these accounts and leaves them to other collectors.
worker-setback-account = It cannot connect this account, though others are connected.
worker-setback-data-centre = It cannot reach Telegram's data centre { $centre }.
worker-setback-telegram = It cannot reach Telegram at all.

## Runs

card-title = Task #{ $number } · { $state }
card-sources = { $sources }{ $more ->
    [0] { "" }
   *[other] { " " }+{ $more }
}
card-preparing = Getting ready…
card-nothing-new = Nothing new: all { $known } messages were stored before.
card-nothing-there = There are no messages in this range.
card-read = <b>{ $read }</b> read
card-read-of = <b>{ $read }</b> of { $total } read
card-new = <b>{ $new }</b> new · { $known } stored before
card-undecoded = 🧩 { $count ->
    [one] { $count } message is stored but not understood. It is read again after an upgrade.
   *[other] { $count } messages are stored but not understood. They are read again after an upgrade.
}
card-rate = { $rate } a second
card-left = about { $span } left
card-took = took { $span }
card-accounts = 👤 { $names }
card-wait-until = { $reason } Goes on at { $until }.
card-why = { $reason } <i>{ $advice }</i>
card-failure = ✗ <b>{ $source }</b>: { $why }
card-source = { $mark } { $source } · { $read }
card-source-of = { $mark } { $source } · { $read } / { $total }
card-continued = ↪️ Listening goes on in the run of { $time }.
card-late = ℹ️ Was due at { $time }; no collector was running then.
card-next = 🕒 Next run: { $time }
and-more = … and { $count } more

state-queued = Queued
state-running = Running
state-waiting = Waiting
state-paused = Paused
state-done = Done
state-partial = Partly done
state-failed = Failed
state-cancelled = Stopped
state-stopping = Stopping…

ending-done = ✅ Task #{ $number } is done: { $read } read, { $new } new, in { $span }.
ending-done-found = ✅ Task #{ $number } is done in { $span }{ $found ->
    [0] : no group found
    [one] : 1 group found
   *[other] : { $found } groups found
}.
ending-partial = ⚠️ Task #{ $number } is partly done: { $read } read, { $new } new. Some sources failed.
ending-failed = ❌ Task #{ $number } failed.
ending-cancelled = ⏹ Task #{ $number } was stopped: { $read } read, { $new } new stay stored.

span-seconds = { $seconds } s
span-minutes = { $minutes } min
span-hours = { $hours } h { $minutes } min
span-days = { $days } days

run-choose-account =
    <b>Task #{ $number }</b>
    Who shall do what failed? The task keeps this choice.
latest-title = <b>Latest messages</b>
latest-none = Nothing is stored of these chats yet.
latest-head = <b>{ $sender }</b> · { $time } · { $chat }
latest-deleted = 🗑 deleted in Telegram since
latest-text = <blockquote>{ $text }</blockquote>

export-choose =
    <b>Export</b>
    As which file?
export-preparing = Preparing the export… { $done } of about { $total }
export-done = Exported { $count } messages.
export-nothing = There is nothing stored to export yet.
export-failed = The export did not work out: the database, the disk or the connection failed. Please try again, or use telecrew export on the server.
export-stopped = The export was broken off, since the bot was stopped. Press Export again.
export-caption = { $count } messages{ $parts ->
    [one] { "" }
   *[other] { " · " }part { $part } of { $parts }
}
export-undecoded = 🧩 { $count ->
    [one] { $count } stored message is not in it: this version does not understand it yet.
   *[other] { $count } stored messages are not in it: this version does not understand them yet.
}
export-running-already = This export is being prepared already.

## Found groups

found-title-choose =
    <b>Task #{ $number } · choose groups</b>
    { $found } found · <b>{ $ticked }</b> ticked
found-title-collect =
    <b>Task #{ $number } · found groups</b>
    { $found } found · <b>{ $ticked }</b> ticked
found-title-seen =
    <b>Task #{ $number } · found groups</b>
    { $found } found · <b>{ $ticked }</b> chosen
found-none = No group fits here.
found-line =
    { $mark } { $number }. <a href="{ $link }"><b>{ $title }</b></a>
    { $facts }
found-members = { $count } { $count ->
    [one] member
   *[other] members
}
found-by = “{ $word }” at { $place }
found-known = stored before
found-dropped = not ticked
kind-channel = channel
kind-supergroup = group
kind-group = small group
kind-private = private chat
excluded-members = too few members
excluded-language = another language
excluded-without = has an excluded word
excluded-most = beyond the number wanted
button-choose-groups = ☑️ Choose groups ({ $count } found)
button-found-groups = 🔎 Found groups ({ $count })
button-tick-page = This page
button-tick-all = All
button-tick-none = None
button-any-size = Any size
button-at-least = At least { $count } members
button-join-chosen = 🚪 Join and collect ({ $count })
button-collect-chosen = ➕ Collect these ({ $count })
button-join-yes = 🚪 Yes, join { $count }
found-confirm =
    <b>Task #{ $number }</b>
    Join { $count } { $count ->
        [one] group
       *[other] groups
    }? Your accounts enter one after the other, at a careful pace. The other finds are left alone.
found-chosen = 🚪 Task #{ $number } joins { $count } { $count ->
    [one] group
   *[other] groups
}. Its card shows how it goes.
found-none-ticked = Tick at least one group first. To join none of them, stop the task.
found-nothing = No group was found. Searches go by the names of groups: other or fewer words find more, in the language of the groups, one search a line.
found-nothing-telegram = No group was found. Only Telegram's own search was asked, which goes by names and shows few. Try other or fewer words, one search a line; search bots, set up with SEARCH_BOTS on the server, find more.
found-nothing-phrase = A line was searched as a whole. Try its words one by one: { $words }
button-other-words = 🔎 Other words
found-still-searching = The search is not over yet. Your ticks are kept.
found-chosen-already = This choice was made already. The task's card shows how it goes.
found-only-seen = The rules of the task chose here. Edit the task to choose otherwise.

## Runs: the steps of a card

card-searched = 🔎 { $done } of { $all } searches · { $found } { $found ->
    [one] group
   *[other] groups
} found
card-joined = 🚪 { $facts }
joined-new = { $count } joined
joined-already = { $count } joined before
joined-waiting = { $count } waiting for an administrator
joined-coming = { $count } to come
joined-failed = { $count } failed
card-listens = 👂 { $live } of { $all } chats live{ $count ->
    [0] { "" }
   *[other] { " · " }about { $count } new
}
card-listens-last = { $line } · last at { $time }
card-search-source = “{ $words }” at { $place }
card-files = 📎 { $files } { $files ->
    [one] file
   *[other] files
}
card-skipped = 📎 { $facts } skipped
skipped-protected = { $count } protected
skipped-expiring = { $count } expiring
skipped-too-large = { $count } too large
skipped-gone = { $count } lost
skipped-replaced = { $count } replaced by an edit
skipped-unavailable = { $count } not given by Telegram
skipped-no-room = { $count } without room on the disk
list-comma = { ", " }
card-unheard = ⚠️ Nobody can read <b>{ $sources }</b>: { $why }
card-proof = { $unknown ->
    [0] 🧩 All { $known } message numbers known
   *[other] 🧩 Message numbers: { $known } known · { $unknown } unknown
}
card-unconfirmed = { $count ->
    [one] ⏳ The newest message is stored. The next reading, in a minute or later, will confirm that none is missing beside it.
   *[other] ⏳ The newest { $count } messages are stored. The next reading, in a minute or later, will confirm that none is missing between them.
}
card-some-failed = { $state } · { $count } failed
button-failures = ✗ All failures ({ $count })
failures-title = <b>What failed in task #{ $number }</b> · { $count }{ $pages ->
    [one] { "" }
   *[other] { " · " }page { $page } of { $pages }
}
note-listens_by_polling = ℹ️ No account is a member of { $sources }, so what is new there shows a little later.
note-no_comments = ℹ️ Nobody can comment in { $sources }, so there are no comments to read.
note-pages_missing = ℹ️ A search bot did not turn the page for { $sources }; there may be more groups than were found.
state-listening = Listening
state-deaf = Hears nothing
deaf-title = 🔇 <b>Task #{ $number } does not hear everything</b>
deaf-named = Nothing of <b>{ $sources }</b> is heard: only these accounts may listen for this task. { $accounts }.
deaf-nobody = Nothing of <b>{ $sources }</b> is heard: no account that can read it is connected.
deaf-others = { $accounts } can listen instead: press “Choose another account”. What is missed meanwhile is read later, as far as Telegram still has it.
deaf-advice = No other account can listen there now. Sign the account in again with <code>telecrew login</code>, or let another one join the chat.
card-heard = 👂 { $count } came while it listened

## Toasts and errors

toast-stopping = Stopping task #{ $number }. What is stored stays.
toast-retrying = Task #{ $number }: what failed is tried again.
toast-paused = Paused. What is stored stays, and it goes on where it stopped.
toast-resumed = It goes on.
toast-earlier-kept = It stays.
toast-started = Task #{ $number } started.
toast-exporting = Preparing the file…
toast-default = { $name } is the default account now.

error-stale = This button was used already, or its message is old. /tasks shows how things stand.
error-form-closed = This form was used already, was closed, or was left for more than a week. /newtask opens a new one.
error-not-allowed = You may look, but not change anything. Ask an admin.
error-task-gone = This task does not exist any more. /tasks shows those that do.
error-earlier-gone = This was decided before. /earlier shows what is left.
error-run-gone = This run does not exist any more. /tasks shows what there is.
error-run-ended = Task #{ $number } is not running.
error-running-already = Task #{ $number } is running already.
error-paused = Task #{ $number } is paused. Press Resume first.
error-stopping-already = Task #{ $number } is stopping already.
error-nothing-failed = Nothing failed in the last run of task #{ $number }.
error-edited-meanwhile = Somebody edited this task meanwhile. Open it again with /tasks.
away-press = The database cannot be reached. Your press is kept: it is carried out when the database is back.
away-message = ⏳ The database cannot be reached. What you wrote is kept: it is carried out when the database is back.
error-store = The database does not answer at the moment. Please try again shortly.
error-telegram-busy = Telegram does not take the answer just now. Please try again shortly.
error-telegram-refused = Telegram refused the answer. Please try again; the log tells more.
error-unexpected = Something went wrong on our side. Please try again; the log tells more.

## Reasons: what happened, and what to do next

reason-network = The connection to Telegram failed.
advice-network = Check the server's network, then press Retry.
reason-flood = Telegram asked the account to slow down.
advice-flood = It goes on by itself; another account may be faster.
reason-session_revoked = The account was signed out from another device.
advice-session_revoked = Sign it in again with telecrew login, or choose another account.
reason-account_limited = Telegram limits this account.
advice-account_limited = Choose another account.
reason-source_unknown = Nobody has the name { $source }.
advice-source_unknown = Check the spelling and edit the task.
reason-source_forbidden = The account may not read { $source }: it is private, or the account was removed.
advice-source_forbidden = Choose an account that is a member.
reason-not_a_chat = { $source } is a person or a bot, not a group or channel.
advice-not_a_chat = Edit the task and name a group or channel.
reason-store_unavailable = The database did not take the messages.
advice-store_unavailable = Check MongoDB and its disk, then press Retry.
reason-api_id_rejected = Telegram refuses this API_ID.
advice-api_id_rejected = Correct API_ID and API_HASH on the server, then press Retry.
reason-unexpected = Telegram answered something unexpected.
advice-unexpected = Press Retry. If it comes again, the collector's log tells more.
reason-not_understood = Telegram answered with something that this version does not understand.
advice-not_understood = Upgrade Telecrew, then press Retry. What was stored stays.
reason-request_refused = Telegram did not accept a request of this version.
advice-request_refused = Upgrade Telecrew, then press Retry. The collector's log names Telegram's error.
reason-words_refused = Telegram does not search for these words.
advice-words_refused = Use other words: at least three letters, and not a whole text.
reason-already_inside = The account is in { $source } already.
advice-already_inside = Press Retry to read it.
reason-account_signed_out = { $account } is not signed in.
advice-account_signed_out = Sign it in with telecrew login, or choose another account.
reason-account_lost = The session of { $account } is lost.
advice-account_lost = Sign it in again with telecrew login, or choose another account.
reason-account_banned = Telegram has banned { $account }.
advice-account_banned = Choose another account.
reason-account_removed = Account { $account } is not in the crew any more.
advice-account_removed = Choose another account.
reason-account_resting = The account is resting as Telegram asked.
advice-account_resting = It goes on by itself; another account may be faster.
reason-no_ready_account = No account can work now.
advice-no_ready_account = Sign one in with telecrew login; /accounts tells more.
reason-never_signed_in = This account was never signed in.
advice-never_signed_in = Sign it in with telecrew login.
reason-timeout = Telegram did not answer in time.
advice-timeout = Press Retry, or choose another account.
reason-paced = The account keeps its own pace and waits for its next turn.
advice-paced = It goes on by itself. The pace is a setting: PACE.
reason-daily_limit = The account used up what it allows itself of these calls today.
advice-daily_limit = It goes on after midnight UTC; another account may be faster.
reason-no_worker = No collector is running, so nothing is being read.
advice-no_worker = Start it on the server: telecrew collector
reason-stalled = The work was begun again and again, and got no further.
advice-stalled = Press Retry, or choose another account.
reason-key_duplicated = The account's session was used in two places at once, and Telegram ended it.
advice-key_duplicated = Sign it in again with telecrew login, and use each session in one place only.
reason-lease_gone = Another collector took over the account.
advice-lease_gone = It goes on by itself.
reason-account_frozen = Telegram has frozen this account, and refuses what was asked of it.
advice-account_frozen = Choose another account, and appeal in the Telegram app with this one.
reason-banned = Telegram has banned or deleted this account.
advice-banned = Choose another account; recover@telegram.org takes appeals.
reason-connecting = The account is not connected to Telegram yet.
advice-connecting = It goes on by itself once it is.
reason-invite_expired = The invite link has expired.
advice-invite_expired = Ask for a new link and edit the task.
reason-invite_invalid = The invite link is not valid.
advice-invite_invalid = Check the link and edit the task.
reason-join_pending = The account asked to join { $source }; an administrator has not agreed yet.
advice-join_pending = Press Retry once it is let in, or choose an account that is a member.
reason-key_invalid = Telegram does not know the account's session any more.
advice-key_invalid = Sign it in again with telecrew login, or choose another account.
reason-key_refused = Telegram refuses the account with an answer that this version does not know. The account is kept and tried again.
advice-key_refused = If it lasts, update the collector. If other accounts work, sign this one in again with telecrew login.
reason-key_unknown = The server that answers as Telegram does not know the account's session. The account is kept and tried again.
advice-key_unknown = Check TELEGRAM_DC and the network of the collector, a proxy too. If other accounts work there, sign this one in again with telecrew login.
reason-libraries_missing = The collector lacks a library that it needs.
advice-libraries_missing = Install Telecrew again on the server; the collector's log names the library.
reason-peer_invalid = Telegram does not let this account reach { $source }.
advice-peer_invalid = Press Retry, or choose another account.
reason-server = Telegram's servers have trouble.
advice-server = Press Retry in a few minutes.
reason-session_keys_invalid = SESSION_KEYS on the server is missing or not valid.
advice-session_keys_invalid = Put the right key back on the server, then press Retry.
reason-session_unreadable = The stored session of the account cannot be read: SESSION_KEYS may have been changed.
advice-session_unreadable = Put the old key back on the server, or sign the account in again with telecrew login.
reason-server_differs = The server named by TELEGRAM_DC is not the one where the account signed in, and does not know it.
advice-server_differs = Correct TELEGRAM_DC of the collector, or sign the account in again with telecrew login.
reason-telegram_dc_invalid = The Telegram server named in the settings cannot be used.
advice-telegram_dc_invalid = Correct the settings on the server; telecrew doctor tells more.
reason-too_many_chats = The account is in as many groups and channels as Telegram allows.
advice-too_many_chats = Leave some with it, or choose another account.
reason-join_refused = The account may not enter { $source }: it was removed from there, or is banned.
advice-join_refused = Choose another account.
reason-join_not_approved = Nobody let the account into { $source } in time.
advice-join_not_approved = Ask an administrator of the group, then press Retry.
reason-join_by_app = { $source } can only be entered in the Telegram app: a bot checks who joins.
advice-join_by_app = Join with the app, signed in as this account, then press Retry.
reason-chat_full = { $source } is full: it takes no more members.
advice-chat_full = Choose an account that is a member, or try again later.
reason-not_a_bot = { $source } is no bot, so it cannot be searched with.
advice-not_a_bot = Correct SEARCH_BOTS on the server.
reason-bot_silent = The search bot does not answer.
advice-bot_silent = Press Retry later, or search with another bot.
reason-bot_guarded = The search bot wants proof that a person asks it.
advice-bot_guarded = Open the bot in the Telegram app, signed in as this account, pass its check, then press Retry.
reason-bot_busy = The search bot has too much to do.
advice-bot_busy = It is asked a few times more. If it stays busy, press Retry later, or search with another bot.
reason-choose_groups = You are to choose which groups shall be joined.
advice-choose_groups = Press Choose groups.
reason-no_reader = No connected account can read { $source }, so nothing of it is heard.
advice-no_reader = Let an account join it, or wait until one that is a member is connected again.
reason-name_moved = { $source } belongs to another chat now: { $now }. The task was made for { $before } ({ $chat }).
advice-name_moved = Edit the task: keep the name for the chat that has it now, or put the new name or the ID of the other one.
reason-not_joined = The account is not in { $source }.
advice-not_joined = Make a task that joins it first, or choose an account that is a member.
reason-unknown = It did not work ({ $reason }).
advice-unknown = Press Retry; the collector's log tells more.

## Files

reason-file_unavailable = Telegram does not give a file now.
advice-file_unavailable = Press Retry later; its message is kept.
reason-file_gone = Telegram has a file no more.
advice-file_gone = Nothing to do; its message is kept.
reason-file_reference = What Telegram gave to fetch a file by has expired.
advice-file_reference = Press Retry.
reason-disk_full = The collector's disk has no room for all files: 1 GB stays free for MongoDB.
advice-disk_full = Make room on the collector's disk, then press Retry; it goes on where it was.
reason-folder_unusable = The collector cannot write to its folder for files.
advice-folder_unusable = Let it write to the folder media in DATA_DIR, then press Retry.

## Coverage

button-coverage = Coverage
button-confirm = Confirm now
button-repair = Read what is unknown
coverage-title = <b>Coverage of task #{ $number }</b>
coverage-chat = <b>{ $title }</b>
coverage-none = No chat of this run was reached.
coverage-empty = Nothing was ever written here.
coverage-range = Messages 1 to { $top }
coverage-stored = { $count } stored
coverage-absent = { $count } known to be absent
coverage-unreadable = { $count } hidden from the crew
coverage-undecoded = { $count } stored, not understood
coverage-unknown = { $count } unknown
coverage-complete = Nothing is missing.
coverage-legend = █ known · ▓ stored, not yet confirmed · ▒ hidden from the crew · ░ unknown
coverage-repair = { $count } message numbers are unknown. Reading them goes beyond the task's limit and dates.
coverage-repair-pages = { $count } message numbers are unknown in the chats of this page. The button reads what is unknown on all pages, beyond the task's limit and dates.
toast-repairing = Task #{ $number } reads what is unknown.
reason-left_to_members = An account that is in { $source } reads it.
advice-left_to_members = It begins in a few seconds.
reason-being_deleted = What was stored of { $source } is being deleted.
advice-being_deleted = It begins once that is done.
reason-topic_unknown = { $source } has no such topic.
advice-topic_unknown = Write the link of the topic again, or read the whole chat.
