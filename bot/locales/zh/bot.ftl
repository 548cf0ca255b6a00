## 首页、帮助、语言

home-what =
    <b>Telecrew</b>
    用你自己的一组账号搜索群组和频道、加入、采集消息，并持续监听。
home-state =
    正在运行：<b>{ $running }</b> · 任务：<b>{ $tasks }</b>
    可用账号：<b>{ $ready }</b> / { $accounts }
home-no-account = 目前没有可用的账号。请在服务器上运行 <code>telecrew login</code> 登录一个。

help =
    <b>帮助</b>

    /newtask — 新建任务
    /tasks — 任务列表：开始、停止、修改、删除
    /accounts — 查看账号及其状态
    /queue — 正在运行的和等待的
    /workers — 采集端及其负载
    /earlier — 以前的任务采集的群组
    /language — 切换语言
    /cancel — 退出当前操作

    最快的用法：发送
    <code>/newtask @name</code>
    然后点「开始」。
help-sources-button = 来源怎么写
help-sources =
    <b>来源怎么写</b>

    来源就是群组或频道。下面的写法都可以，可一次发多个，怎么分隔都行：

    <code>@name</code>
    <code>t.me/name</code>
    <code>https://t.me/name/123</code>
    <code>tg://resolve?domain=name</code>
    <code>t.me/+邀请码</code>
    <code>-1001234567890</code> 或 <code>t.me/c/1234567890/5</code>
    从该群转发的一条消息

    不带 <code>@</code> 的词不会直接查询，会先问你是不是名称。看不懂的部分会指出来，其余的保留。超过 50 个来源时，多出的留给下一个任务。

    邀请链接对应的私密群组要先加入，请选「加群并采集」。用 ID 时，账号须已在群里。
help-steps-button = 搜群与加群
help-steps =
    <b>搜群与加群</b>

    /newtask 有九种做法，从「采集历史消息」到「全部」，也可以自由组合各个步骤；只显示需要的页面。

    <b>搜群</b>：用你的关键词询问搜索机器人和 Telegram 自带搜索，每个群只列一次。
    <b>加群</b>：默认等你在列表里勾选，也可以按规则自动选择。需要管理员批准的，批准后会自动继续。
    <b>监听</b>：新消息随到随存，直到你点「停止」。

    某个群满了或进不去，不影响其他群；卡片上会写明原因，点「重试」可再试。
help-tasks-button = 任务与运行
help-tasks =
    <b>任务与运行</b>

    任务说明要采集什么。每开始一次就是一次运行，有一张会自动更新的卡片。

    <b>开始</b>只采集还缺的部分；<b>重试</b>只重做失败的来源；<b>暂停</b>让运行和定时停下来，之后可以继续；<b>停止</b>会保留已存下的内容；<b>删除</b>会删掉任务和运行记录，消息是否保留由你选择。
help-accounts-button = 账号
help-accounts =
    <b>账号</b>

    每个任务可以指定一个账号，也可以勾选几个账号，或自动交给最空闲的可用账号。

    没有指定时使用默认账号，可在 /accounts 中更改。

    账号要在服务器上用 <code>telecrew login</code> 登录。不要把登录验证码发到任何聊天里，否则 Telegram 会让它立即失效。
help-schedule-button = 定时
help-schedule =
    <b>定时</b>

    任务可以立即运行、在某个时间运行一次、按间隔运行，或每天运行。时间可以直接输入：

    <code>每30分钟</code>、<code>2h</code>、<code>1周</code>、<code>每小时</code> — 按间隔重复
    <code>09:00</code>、<code>早上9点</code>、<code>中午</code> — 每天
    <code>9:00, 18:00</code> — 每天两次
    <code>每周一、周五 9:00</code>、<code>工作日 9点半</code>、<code>周末 10:00</code> — 在这些日子
    <code>每月1号 9:00</code> — 每月一次
    <code>明天 9点</code>、<code>下周一 9:00</code>、<code>2小时后</code> — 一次
    <code>2030-01-31 18:30</code> — 一次
    <code>0 9 * * 1-5</code> — cron 写法（0 和 7 都是星期日）
    <code>静默 22:00-07:00</code> — 这段时间到点的运行推迟到结束时
    <code>至 2030-12-31</code>、<code>持续30天</code> — 最后一天

    可以写在一行：<code>9:00 静默 22:00-07:00 至 2030-12-31</code>。看不懂的部分会指出来，其余的保留。

    同一任务不会同时运行两次；错过的时间会补跑一次，并在卡片上注明。
help-results-button = 查看结果
help-results =
    <b>查看结果</b>

    运行结束后，卡片上可以查看最新 5 条消息，也可以导出为 CSV（可用 Excel 打开）或 JSON Lines。

    所有消息也都在你的 MongoDB 里；在服务器上可用 <code>telecrew export</code> 导出。

language-choose = 请选择语言：
language-telegram = 跟随我的 Telegram
language-set = 已切换为{ $language }。

cancel-nothing = 当前没有需要取消的操作。
hint-command = 没有这个命令。发送 /help 查看可用命令。
group-here = 我在这里回复，不在群里回复。
hint-text = 这里不需要输入内容。要采集群组，请发送 /newtask 加群组名称。更多说明见 /help。

command-newtask = 新建任务
command-tasks = 任务列表
command-accounts = 账号管理
command-queue = 查看队列
command-workers = 查看采集端
command-earlier = 以前任务的群组
command-help = 使用帮助
command-language = 切换语言
command-cancel = 退出当前操作
command-start = 首页

## 按钮

button-new-task = ➕ 新建任务
button-tasks = 任务列表
button-accounts = 账号
button-help = 帮助
button-start = ▶️ 开始
button-save = 💾 保存
button-stop = ⏹ 停止
button-cancel = 取消
button-back = ‹ 返回
button-sources = 来源（{ $count }）
button-what = 采集范围
button-account = 账号
button-when = 运行时间
button-keeping = 保留期限
button-pool = 多个账号…
button-pool-chosen = 多个账号（{ $count }）
button-use-ticked = 使用已勾选的 { $count } 个
button-next = 下一步 ›
button-remove = ✕ { $source }
button-use-instead = 改用 { $source }
button-open-task = 打开任务
button-retry = 🔁 重试
button-other-account = 换个账号
button-latest = 最新 5 条
button-export = 导出
button-again = ▶️ 再次开始
button-edit = 修改
button-delete = 删除
button-delete-yes = 确认删除，保留消息
button-pause-schedule = 暂停定时
button-resume-schedule = 恢复定时
button-pause-run = ⏸ 暂停
button-resume-run = ▶️ 继续
button-clone = 复制
button-delete-messages = 连同 { $count } 条消息一起删除…
button-delete-messages-yes = 确认删除 { $count } 条消息
button-earlier = 以前任务的群组
button-earlier-keep = 保留
button-earlier-delete = 确认删除 { $count } 条消息
button-earlier-leave = 确认，归现有任务所有
button-csv = CSV（Excel）
button-jsonl = JSON Lines
button-refresh = 刷新
button-make-default = 将 { $name } 设为默认

## 向导

wizard-title = <b>新建任务</b>
wizard-title-edit = <b>修改任务</b>
wizard-closed = 已退出，没有创建任务。
wizard-closed-edit = 已退出，没有修改，任务保持原样。
wizard-replaced = 这份表单已被下面的新表单取代，没有创建任务。
wizard-replaced-edit = 这份表单已被下面的新表单取代，没有修改任务。
wizard-sources-title = <b>来源</b>
wizard-sources-empty = 要采集哪些群组或频道？
wizard-sources-hint = 发送名称或链接，每行一个，例如 <code>@name</code> 或 <code>t.me/name</code>。点一下可移除。
wizard-what =
    <b>采集范围</b>
    当前：{ $now }

    也可以直接输入：条数（<code>5000</code>、<code>2万</code>）、时长（<code>90天</code>、<code>最近24小时</code>、<code>三个月</code>）、起始日期（<code>2024-01-31</code>、<code>昨天</code>）、截止日期（<code>至 2024-06-30</code>）或日期范围（<code>2024-01-01..2024-06-30</code>）。时长从每次运行开始时往回算。

    之前的运行或其他任务读过的内容不会再读：每次运行只补上新增的和还缺的。
wizard-account =
    <b>账号</b>
    由哪个账号来采集？
wizard-pool =
    <b>多个账号</b>
    勾选可以执行这个任务的账号，每份工作由其中最空闲的来做，其他账号不参与。
wizard-account-nobody =
    <b>目前没有可用的账号</b>
    请在服务器上用 <code>telecrew login</code> 登录一个，然后再回来。各账号的原因见 /accounts。
wizard-when =
    <b>运行时间</b>
    已选：{ $now }
    现在是 { $clock }（{ $zone }）。

    也可以直接输入：<code>每2小时</code>、<code>1周</code>；每天：<code>早上9点</code>；指定日子：<code>每周一 9:00</code>、<code>工作日 9点半</code>；一次：<code>明天 9:00</code> 或 <code>2030-01-31 18:30</code>；cron 写法：<code>0 9 * * 1-5</code>。还可以加上 <code>静默 22:00-07:00</code>、<code>至 2030-12-31</code>，写在一行或之后再发都行。

fact-what = 📄 { $value }
fact-account = 👤 { $value }
fact-when = 🕒 { $value }
fact-next = { $count ->
    [1] 下次运行：{ $value }
   *[other] 接下来：{ $value }
}
fact-last-run = 上次运行：{ $value }
fact-used = 执行账号：{ $value }

source-found =
    ✓ <b>{ $title }</b> { $source }{ $members ->
        [-1] { "" }
       *[other] { " · " }{ $members } 位成员
    }{ $messages ->
        [-1] { "" }
       *[other] { " · " }约 { $messages } 条消息
    }
source-moved = ⚠️ { $source } 之前是 <b>{ $before }</b>：这个名称已经转到另一个群。只会采集这里显示的群；如果要的是原来那个，请移除它，再用链接或 ID 添加。
source-asked = … { $source } · 正在查询
source-unknown = ✗ <b>{ $source }</b> · 没有这个名称
source-person = ✗ <b>{ $source }</b> · 是个人或机器人，不是群组或频道
source-unchecked = · { $source } · 开始时再检查
source-problem = · { $source } · { $reason }开始时会再试一次。

what-all = 全部历史
what-limit = 最新 { $count } 条
what-days = 最近 { $days } 天
what-hours = 最近 { $hours } 小时
what-since = { $since } 起
what-until = 截至 { $until }
what-range = { $since } 至 { $until }

when-now = 立即
when-on-start = 点「开始」时
when-in-hour = 一小时后
when-tomorrow = 明天 { $time }
when-daily = 每天 { $time }
when-weekly = { $days } { $time }
when-monthly = 每月 { $day } 日 { $time }
day-mon = 周一
day-tue = 周二
day-wed = 周三
day-thu = 周四
day-fri = 周五
day-sat = 周六
day-sun = 周日
days-workdays = 工作日（周一至周五）
days-weekend = 周末
days-range = { $first }至{ $last }
when-once = 一次，{ $time }
when-every-minutes = 每 { $minutes } 分钟
when-every-hours = 每 { $hours } 小时
when-every-days = { $days ->
    [1] 每 24 小时
   *[other] 每 { $days } 天
}
when-with-next = { $when } · 下次 { $time }
when-first-now = { $when }，立即开始第一次
when-cron = 按 cron：<code>{ $cron }</code>
when-quiet = { $when }，{ $start }–{ $end } 静默
when-ends = { $when }，到 { $day } 为止
button-quiet = 🌙 { $start }–{ $end } 静默
button-no-quiet = 🌙 不设静默时段
button-ends = { $days } 天后结束
button-no-end = 不设结束日期

wizard-fix-unknown = ⚠️ 请先替换或移除标有 ✗ 的来源，再继续。
wizard-nobody-ready = ⚠️ 目前没有可用的账号。请在服务器上用 telecrew login 登录一个，详情见 /accounts。
wizard-account-not-ready = ⚠️ 这个账号现在不能用。请换一个，或查看 /accounts。
wizard-pool-not-ready = ⚠️ 选中的账号现在都不能用。请换几个，或查看 /accounts。
wizard-pool-nobody = 请先勾选至少一个账号。
wizard-pool-too-many = 最多选 { $most } 个账号。
wizard-edit-counts = ℹ️ 修改从下次运行起生效。
wizard-instead-of-default = ℹ️ 默认账号现在不能用，已换成另一个账号。
wizard-bad-not_a_name = ✗ { $text } 不是名称，也不是公开群组的链接。
wizard-bad-bare_word = ✗ { $text } 前面没有 @，不确定是不是名称。
wizard-bad-person = ✗ { $text } 指向个人，不是群组或频道。
wizard-bad-folder = ✗ { $text } 是聊天文件夹，请发送其中各个群组的链接。
wizard-bad-other_link = ✗ { $text } 不指向群组或频道。
wizard-asked = ❓ 这些还没有查询，因为不确定你指的是不是群组或频道：{ $names }。是的话请点一下。
wizard-waiting = ⏳ 一个任务最多 { $most } 个来源，还有 { $count } 个在排队：{ $names }。点「开始」后会自动打开下一个任务的表单。
wizard-next-task = ℹ️ 这些是上一个任务装不下的来源，设置相同。可以直接点「开始」，也可以先修改。
button-add-source = ➕ { $source }
button-drop-asked = 都不是
button-drop-waiting = 不要排队的 { $count } 个
wizard-text-not-understood = 没看懂这条内容。请发送群组的名称或链接，或使用按钮。你的草稿还在。
wizard-press-an-account = 请点按钮选择账号。
wizard-no-sources = 请先添加至少一个群组或频道。
wizard-too-many-sources = 一次最多 { $most } 个来源。这次没有添加，请分批发送。
wizard-unknown-source = 没有名为 { $source } 的群组或频道，请先替换或移除。
wizard-person = { $source } 是个人或机器人，不是群组或频道，请先替换或移除。
wizard-account-gone = 这个账号已不存在，请换一个。
wizard-what-not-understood = 没看懂“{ $part }”。可以试试 5000、90天、最近24小时、2024-01-31 或 2024-01-01..2024-06-30。
wizard-what-bad-count = 请输入 1 到 { $most } 之间的数字。
wizard-what-bad-days = 请输入 1 到 { $most } 之间的天数。
wizard-what-future = 这一天还没到，请选一个已经开始的日期。
wizard-what-backwards = 开始日期晚于结束日期，请对调一下。
wizard-no-such-day = 没有这个日期：{ $day }。
wizard-when-not-understood = 没看懂“{ $part }”。可以试试 每30分钟、每天9点、每周一 9:00、工作日 9:00、明天 9:00、2030-01-31 18:30 或 0 9 * * 1-5。
wizard-when-no-time = “{ $part }”没有写时间，请在后面加上 9:00 或 9点。
wizard-when-no-day = “{ $part }”没有写星期几。可以试试 每周一 9:00，或不写时间的 每周。
wizard-when-two-times = “{ $part }”不是一个任务能做到的。请只选一种：间隔、某些日子的时间，或某一天；其余的请另建任务。
wizard-when-bad-interval = 间隔须在 1 分钟到 { $most } 天之间。
wizard-when-past = 这个时间已经过去了，请选一个将来的时间。
wizard-when-first = 请先选择运行时间，再设置静默时段或结束日期。
wizard-quiet-empty = 静默时段的开始和结束不能相同。
wizard-cron-fields = cron 表达式有五段：分、时、日、月、星期。例如 0 9 * * 1-5。
wizard-cron-minute = cron 表达式的第一段是分钟：0 到 59。
wizard-cron-hour = cron 表达式的第二段是小时：0 到 23。
wizard-cron-day = cron 表达式的第三段是日期：1 到 31。
wizard-cron-month = cron 表达式的第四段是月份：1 到 12，或 jan 到 dec。
wizard-cron-weekday = cron 表达式的第五段是星期：0 到 7（0 和 7 都是星期日），或 mon 到 sun。
wizard-cron-never = 没有这样的日子：这个 cron 表达式永远不会触发。

## 向导：做什么

wizard-steps-first =
    <b>新建任务</b>
    要采集哪些群组或频道？直接发送名称或链接（每行一个），即可采集历史消息。

    也可以先选择要做的事：
wizard-steps =
    <b>做什么</b>
    已填写的内容都会保留。
wizard-mix =
    <b>步骤</b>
    当前：{ $now }

    勾选任务要做的事。不论勾选的先后，总是先搜群，再加群，再采集，之后持续监听。
wizard-one-step = 至少要保留一个步骤。
preset-history = 采集历史消息
preset-follow = 采集历史并持续监听
preset-listen = 监听新消息
preset-join = 加群并采集
preset-stay = 加群、采集并持续监听
preset-enter = 只加群
preset-find = 搜索群组
preset-fetch = 搜群、加群、采集
preset-all = 全部：搜群、加群、采集、监听
step-search = 搜群
step-join = 加群
step-history = 采集历史
step-listen = 监听
button-own-steps = 自由组合…
button-steps = 🧭 做什么
fact-steps = 🧭 { $value }

## 向导：搜索

wizard-words-title = <b>搜索关键词</b>
wizard-words-hint = 发送关键词：每行搜索一次，用逗号或分号隔开的也各搜一次。点一下可移除。
wizard-places =
    <b>在哪里搜索</b>
    数字表示每个关键词读取搜索机器人几页结果。
wizard-places-no-bots =
    <b>在哪里搜索</b>
    还没有配置搜索机器人，可在服务器的 SEARCH_BOTS 中填写。数字表示读取机器人几页结果。
place-telegram = Telegram 自带搜索
search-word = · { $word }
search-places = { $places } · 每次最多 { $pages } 页
fact-words = 🔎 { $value }
fact-places = 📍 { $value }
button-words = 关键词（{ $count }）
button-places = 在哪里搜索
wizard-no-words = 请先发送至少一个关键词。
wizard-too-many-words = ✗ “{ $word }”：一个任务最多 { $most } 个关键词。
wizard-word-too-long = ✗ “{ $word }”：每个关键词最多 { $most } 个字符。
wizard-word-is-command = ✗ “{ $word }”：关键词不能以斜杠开头。
wizard-one-place = 至少要保留一个搜索位置。

## 向导：加群

wizard-joining =
    <b>加群</b>
    搜到的群组，加入并采集哪些？
wizard-joining-named =
    <b>加群</b>
    会先加入任务里的来源，再做其他步骤。
join-ask = 由我在列表中勾选
join-auto = 自动加入符合规则的
join-never = 不加群，只采集符合规则的
join-leave = 删除任务时退出这些群
join-named = 先加入来源
join-no-more = 只加入来源，不采集
join-by-rules = { $who }：{ $rules }
join-then-leave = { $who }；删除任务时退群
button-joining = 加群
button-rules = 规则
fact-join = 🚪 { $value }
wizard-rules =
    <b>规则</b>
    当前：{ $now }

    也可以直接输入数字（最少成员数），或要排除的词（每行一个）。
rule-any-size = 人数不限
rule-at-least = ≥ { $count }
rule-members = 至少 { $count } 位成员
rule-any-language = 语言不限
rule-languages = 标题语言：{ $names }
rule-without = 排除 { $words }
rule-most = 最多 { $count } 个
rule-no-limit = 数量不限
button-clear-without = 清空排除词
language-zh = 中文
language-en = 英文
language-ru = 俄文
language-ja = 日文
language-ko = 韩文
language-ar = 阿拉伯文
wizard-rule-bad-members = 请输入不超过 { $most } 的数字。
wizard-rule-bad-words = 最多 { $most } 个排除词，每个不超过 { $longest } 个字符。

## 向导：更多选项

wizard-more-history =
    <b>更多</b>
    「评论」是频道帖子下面的讨论；「分摊」让多个账号同时采集同一个群。最后一行是任务的优先级。
wizard-more =
    <b>更多</b>
    这个任务急不急？
wizard-topic =
    <b>只采集一个话题</b>
    发送话题里的链接，例如 <code>t.me/name/5</code> 或 <code>t.me/name/5/123</code>。
wizard-media =
    <b>文件</b>
    { $now }

    文件保存在服务器上，相同的只存一份；受保护的和会过期的不保存。
button-more = 更多
button-topic = 只采集一个话题
button-all-topics = 所有话题
button-media = 文件
option-comments-button = 帖子下的评论
option-split-button = 多个账号分摊一个群
option-topic = 只采集话题 { $topic }
option-comments = 包括评论
option-split = 多账号分摊
media-none = 不保存文件
media-all = 全部文件
media-photos = 图片
media-videos = 视频
media-documents = 文档
media-sounds = 语音和音乐
media-some = 保存：{ $kinds }
media-up-to = 保存：{ $kinds }，每个不超过 { $size } MB
media-size = { $size } MB
media-any-size = 大小不限
fact-options = ⚙️ { $value }
fact-priority = ⚡ { $value }
priority-low = 不急
priority-normal = 普通
priority-high = 优先
what-from = 从消息 { $message } 开始
wizard-link-not-understood = 这不是消息链接。可以试试 t.me/name/123。
wizard-link-one-source = 使用消息或话题链接时，任务只能有一个来源。请移除其他来源，或换一种范围。
wizard-link-elsewhere = 这个链接不属于 { $source }。
wizard-press-a-button = 这里请使用按钮。你的草稿还在。

## 向导：保留期限

wizard-keeping =
    <b>保留期限</b>
    当前：{ $now }

    消息保留多久：更早的会被删除（包括其他任务采集的），也不再采集。也可以直接输入天数。

    下面两项：监听期间在 Telegram 被删除的消息怎么处理，从现在起生效。

    这两项属于群本身。多个任务采集同一个群时，以最严格的为准：期限取最短的；只有所有任务都选择保留，被删除的内容才会留下。
wizard-keeping-not-understood = 没看懂。可以试试 30、90天 或 永久。
keep-days = 保留 { $days } 天
keep-for-ever = 永久保留
keep-mirrored = 被删除的内容同步删除
keep-deleted = 被删除的内容保留并标记
button-mirror-deletions = 被删除的内容同步删除
button-keep-deletions = 被删除的内容保留并标记
keeping-stricter = ⚠️ 同一个群上有更严格的任务，以它们为准：
keeping-stricter-task = · 任务 #{ $number }：{ $value }
fact-keeping = 🗄 { $value }

## 向导：邀请链接与 ID

source-entered =
    ✓ <b>{ $title }</b> { $source } · 已加入{ $members ->
        [-1] { "" }
       *[other] { " · " }{ $members } 位成员
    }{ $messages ->
        [-1] { "" }
       *[other] { " · " }约 { $messages } 条消息
    }
source-invite =
    🔒 <b>{ $title }</b>{ $members ->
        [-1] { "" }
       *[other] { " · " }{ $members } 位成员
    } · 尚未加入{ $approval ->
        [yes] { " · " }需管理员批准
       *[no] { "" }
    }
source-closed = 🔒 <b>{ $source }</b> · 该账号不在这个群里
source-dead = ✗ <b>{ $source }</b> · { $reason }
button-join-first = 🚪 加群并采集
button-join-then-listen = 🚪 加群并监听
wizard-fix-closed = ⚠️ 该账号不在标有 🔒 的群里。可以让任务通过邀请链接加入、换一个账号，或移除它。
wizard-dead-invite = 邀请链接 { $source } 已失效，请先移除。
wizard-closed-source = 该账号不在 { $source } 里。可以让任务先加入、换一个账号，或移除它。

## 账号

accounts-none =
    <b>还没有账号</b>
    请在服务器上用 <code>telecrew login</code> 登录一个，登录后会立即显示在这里。
accounts-title = <b>账号</b> · 可用 { $ready } / { $total }
account-line = { $name } #{ $number } { $username } { $phone }
account-is-default = ★ 默认账号
account-status = { $state } · 正在执行：{ $running }
account-until = 到 { $time } 为止。
account-name = { $name }（#{ $number }）
account-gone = 账号已不存在
account-balance = 自动分配
account-choice = { $name } #{ $number }
account-choice-default = ★ { $name } #{ $number } · 默认
account-choice-idle = 🚫 { $name } #{ $number } · { $state }

account-state-ready = 可用
account-state-signed_out = 未登录
account-state-resting = 休息中
account-state-limited = 被 Telegram 限制
account-state-frozen = 被 Telegram 冻结
account-state-banned = 被 Telegram 封禁
account-state-lost = 登录已失效
account-state-paused = 已暂停

account-todo-signed_out = 请在服务器上登录：telecrew login
account-todo-resting = 到时会自动恢复，无需操作。
account-todo-limited = 请减少使用，并在 Telegram 中向 @SpamBot 查询原因。
account-todo-frozen = 请用该账号打开 Telegram，按提示申诉。
account-todo-banned = 请使用其他账号；可写信到 recover@telegram.org 申诉。
account-todo-lost = 请在服务器上重新登录：telecrew login
account-todo-paused = 已在服务器上暂停，需在服务器上恢复。
account-nobody-open = 没有采集程序能打开或连接它（{ $hosts }）。{ $reason }
account-nobody-reach = 没有采集程序能用它连上 Telegram（{ $hosts }）。{ $reason }
account-nobody-held = 负责它的采集程序（{ $hosts }）暂时连不上它。{ $reason }
account-nobody-todo-open = 请让该采集程序使用与其他程序相同的 SESSION_KEYS、API_ID 和 TELEGRAM_DC 并重启，或用 telecrew login 重新登录该账号。
account-nobody-todo-reach = 会自动重试。如果一直如此，请检查该服务器的网络。

account-cannot-signed_out = { $account }（#{ $number }）还没有登录。请在服务器上运行：telecrew login
account-cannot-resting = { $account }（#{ $number }）正按 Telegram 的要求休息。请换一个账号，或稍等。
account-cannot-limited = { $account }（#{ $number }）目前被 Telegram 限制，请换一个账号。
account-cannot-frozen = { $account }（#{ $number }）已被 Telegram 冻结，请换一个账号。
account-cannot-banned = { $account }（#{ $number }）已被 Telegram 封禁，请换一个账号。
account-cannot-lost = { $account }（#{ $number }）的登录已失效。请在服务器上重新登录：telecrew login
account-cannot-paused = { $account }（#{ $number }）已暂停，请换一个账号。

## 任务

tasks-none =
    <b>还没有任务</b>
    点下面的按钮新建，或发送 <code>/newtask @name</code>。
tasks-title = <b>任务</b>{ $pages ->
    [1] { "" }
   *[other] { " · " }第 { $page } / { $pages } 页
}
tasks-line =
    <b>#{ $number }</b> { $sources }{ $more ->
        [0] { "" }
       *[other] { " " }+{ $more }
    }
    { $state } · { $account }
task-new = 尚未开始
task-scheduled = 已定时
task-deleting = 正在删除…
task-paused = 定时已暂停
task-last-run = { $time } · { $state }
delete-confirm =
    <b>删除任务 #{ $number }？</b>
    将删除任务及其运行记录；正在进行的运行会先停止。已采集的消息默认保留，也可以一并删除。
delete-messages = 只有这个任务用到的群组：{ $chats }，共存有 <b>{ $count }</b> 条消息。
delete-confirm-messages =
    <b>删除任务 #{ $number } 和 { $count } 条消息？</b>
    { $chats } 已存的内容会全部删除，共 <b>{ $count }</b> 条消息，无法恢复。
delete-shared = 其他任务也在用，消息会保留：{ $chats }。
delete-earlier = 以前的任务也采集过，消息会保留：{ $chats }。请用 /earlier 决定去留。
delete-leaves = 账号会退出为这个任务加入的 { $count } 个群组：{ $chats }。
delete-stays-in = 其他任务也在用，账号会留在：{ $chats }。
delete-stopping = 正在删除任务 #{ $number }…运行结束后，它会从 /tasks 中消失。
delete-done = 任务 #{ $number } 已删除，已采集的消息仍然保留。
delete-done-messages = 任务 #{ $number } 已删除，只属于它的消息也已删除。
delete-not-yet = 任务 #{ $number } 的运行还没有结束，请稍后再试。

## Chats of earlier tasks

earlier-none =
    <b>以前任务的群组</b>
    没有：已存的每个群组都属于现有的任务。
earlier-title = <b>以前任务的群组</b>{ $pages ->
    [1] { "" }
   *[other] { " · " }第 { $page } / { $pages } 页
}
earlier-about = 这些群组由已经查不到的任务采集过，也可能还有别的任务在采集。消息会一直保留，直到你在这里删除。📌 表示你选择了保留。
earlier-chat = <b>{ $title }</b> · 消息：{ $count } 条
earlier-also = 同时采集它的任务：{ $tasks }。
earlier-undecided = 保留已存的消息，还是删除？
earlier-kept = 已选择保留。删除任何任务都不会带走它的消息。
earlier-confirm =
    <b>要删除 { $title } 已存的消息吗？</b>
    将删除 { $count } 条消息及其旧版本，无法恢复。
earlier-confirm-shared =
    <b>{ $title }</b> 也由这些任务采集：{ $tasks }。
    现在不会删除任何消息：这 { $count } 条消息今后只属于这些任务。要删除，请连同消息一起删除任务。
earlier-deleting = 正在删除 { $title } 的 { $count } 条消息…
earlier-deleted = { $title } 的 { $count } 条消息已删除。
earlier-left = { $title } 的 { $count } 条消息归正在采集它的任务所有。

## 队列与采集端

queue-none =
    <b>队列</b>
    没有正在运行或等待的任务。
queue-title = <b>队列</b> · 未结束的运行：{ $open }，进行中的作业：{ $running }，等待的作业：{ $queued }{ $pages ->
    [1] { "" }
   *[other] { " · " }第 { $page } / { $pages } 页
}
queue-run =
    <b>#{ $number }</b> { $sources }
    { $state } · 进行中：{ $running }，等待：{ $queued }
queue-paused = 已暂停，等人恢复。
queue-not-begun = 同时进行的运行已满，稍后开始。
queue-turn = 正在排队。
queue-wait = { $reason }{ $count ->
    [1] { "" }
   *[other] （{ $count } 个作业）
}
queue-wait-until = { $reason }{ $until } 继续。{ $count ->
    [1] { "" }
   *[other] （{ $count } 个作业）
}
workers-none =
    <b>采集端</b>
    还没有启动过采集端。请在服务器上运行：<code>telecrew collector</code>
workers-title = <b>采集端</b> · 在线：{ $alive }{ $pages ->
    [1] { "" }
   *[other] { " · " }第 { $page } / { $pages } 页
}
worker-line = <b>{ $host }</b> <code>{ $id }</code> · { $version }
worker-load = 账号：{ $accounts } · 进行中的作业：{ $jobs } · 事件循环延迟 { $lag } 毫秒
clock-ahead = ⚠️ 采集程序的时钟比{ $source ->
    [mongodb] { " " }MongoDB { "" }
    [bot_api] { " " }Bot API { "" }
   *[other] { " " }Telegram { "" }
 }快 { $span }。定时任务、消息保留和清理都在等待。请校准那台机器的时钟，其他无需操作。
clock-behind = ⚠️ 采集程序的时钟比{ $source ->
    [mongodb] { " " }MongoDB { "" }
    [bot_api] { " " }Bot API { "" }
   *[other] { " " }Telegram { "" }
 }慢 { $span }。定时任务、消息保留和清理都在等待。请校准那台机器的时钟，其他无需操作。
clock-set = ⚠️ 采集程序运行时其时钟被改动过。定时任务、消息保留和清理会等到它与 MongoDB 和 Telegram 的时间一致为止。
clock-unproven = ⚠️ 采集程序的时钟还无法与{ $source ->
    [mongodb] { " " }MongoDB 比对
   *[other] { " " }Telegram 比对：没有已连接的账号
 }。无法撤销的操作在等待：消息保留、跳过错过的时间、结束定时任务。
worker-seen = { $span }前有响应
worker-draining = 正在移交账号 · { $span }前有响应
worker-gone = { $time } 起失去联系
worker-left = 已于 { $time } 停止
worker-setback-own = 它打不开或连不上这些账号，已交给其他采集程序。
worker-setback-account = 它连不上这个账号，其他账号正常。
worker-setback-data-centre = 它连不上 Telegram 的 { $centre } 号数据中心。
worker-setback-telegram = 它完全连不上 Telegram。

## 运行

card-title = 任务 #{ $number } · { $state }
card-sources = { $sources }{ $more ->
    [0] { "" }
   *[other] { " " }+{ $more }
}
card-preparing = 正在准备…
card-nothing-new = 没有新消息：范围内的 { $known } 条此前已全部采集。
card-nothing-there = 这个范围内没有消息。
card-read = 已读 <b>{ $read }</b> 条
card-read-of = 已读 <b>{ $read }</b> / { $total } 条
card-new = 新增 <b>{ $new }</b> 条 · 原有 { $known } 条
card-undecoded = 🧩 { $count } 条消息已保存，但当前版本无法解析；升级后会重新读取。
card-rate = 每秒 { $rate } 条
card-left = 约剩 { $span }
card-took = 用时 { $span }
card-accounts = 👤 { $names }
card-wait-until = { $reason }{ $until } 继续。
card-why = { $reason }{ $advice }
card-failure = ✗ <b>{ $source }</b>：{ $why }
card-source = { $mark } { $source } · { $read }
card-source-of = { $mark } { $source } · { $read } / { $total }
card-continued = ↪️ { $time } 的那次运行会接着监听。
card-late = ℹ️ 本应在 { $time } 运行，当时没有采集程序在运行。
card-next = 🕒 下次运行：{ $time }
and-more = … 还有 { $count } 个

state-queued = 排队中
state-running = 进行中
state-waiting = 等待中
state-paused = 已暂停
state-done = 已完成
state-partial = 部分完成
state-failed = 失败
state-cancelled = 已停止
state-stopping = 正在停止…

ending-done = ✅ 任务 #{ $number } 已完成：读取 { $read } 条，新增 { $new } 条，用时 { $span }。
ending-done-found = ✅ 任务 #{ $number } 已完成，用时 { $span }{ $found ->
    [0] ，没有搜到群组
   *[other] ，搜到 { $found } 个群组
}。
ending-partial = ⚠️ 任务 #{ $number } 部分完成：读取 { $read } 条，新增 { $new } 条，有来源失败。
ending-failed = ❌ 任务 #{ $number } 失败。
ending-cancelled = ⏹ 任务 #{ $number } 已停止：读取 { $read } 条，新增 { $new } 条，均已保留。

span-seconds = { $seconds } 秒
span-minutes = { $minutes } 分钟
span-hours = { $hours } 小时 { $minutes } 分钟
span-days = { $days } 天

run-choose-account =
    <b>任务 #{ $number }</b>
    失败的部分由哪个账号来做？任务以后也会使用这个选择。
latest-title = <b>最新消息</b>
latest-none = 这些群组还没有存下任何消息。
latest-head = <b>{ $sender }</b> · { $time } · { $chat }
latest-deleted = 🗑 之后已在 Telegram 中删除
latest-text = <blockquote>{ $text }</blockquote>

export-choose =
    <b>导出</b>
    导出成哪种文件？
export-preparing = 正在准备导出… { $done } / 约 { $total }
export-done = 已导出 { $count } 条消息。
export-nothing = 还没有可以导出的消息。
export-failed = 导出没有成功：数据库、磁盘或网络出错。请再试一次，或在服务器上使用 telecrew export。
export-stopped = 机器人停止运行，导出中断了。请重新点“导出”。
export-caption = { $count } 条消息{ $parts ->
    [1] { "" }
   *[other] { " · " }第 { $part } / { $parts } 部分
}
export-undecoded = 🧩 另有 { $count } 条已保存的消息不在其中：当前版本还无法解析。
export-running-already = 这个导出正在准备中。

## 搜到的群组

found-title-choose =
    <b>任务 #{ $number } · 选择群组</b>
    搜到 { $found } 个 · 已勾选 <b>{ $ticked }</b> 个
found-title-collect =
    <b>任务 #{ $number } · 搜到的群组</b>
    搜到 { $found } 个 · 已勾选 <b>{ $ticked }</b> 个
found-title-seen =
    <b>任务 #{ $number } · 搜到的群组</b>
    搜到 { $found } 个 · 选中 <b>{ $ticked }</b> 个
found-none = 没有符合条件的群组。
found-line =
    { $mark } { $number }. <a href="{ $link }"><b>{ $title }</b></a>
    { $facts }
found-members = { $count } 位成员
found-by = { $place }搜“{ $word }”
found-known = 以前采集过
found-dropped = 未勾选
kind-channel = 频道
kind-supergroup = 群组
kind-group = 小群
kind-private = 私聊
excluded-members = 人数不够
excluded-language = 语言不符
excluded-without = 含排除词
excluded-most = 超出数量
button-choose-groups = ☑️ 选择群组（搜到 { $count } 个）
button-found-groups = 🔎 搜到的群组（{ $count }）
button-tick-page = 本页
button-tick-all = 全选
button-tick-none = 全不选
button-any-size = 人数不限
button-at-least = 至少 { $count } 人
button-join-chosen = 🚪 加入并采集（{ $count }）
button-collect-chosen = ➕ 采集这些（{ $count }）
button-join-yes = 🚪 确认加入 { $count } 个
found-confirm =
    <b>任务 #{ $number }</b>
    加入 { $count } 个群组？账号会放慢节奏，逐个加入；其余的不会动。
found-chosen = 🚪 任务 #{ $number } 开始加入 { $count } 个群组，进展见任务卡片。
found-none-ticked = 请先勾选至少一个群组。如果一个都不加，停止任务即可。
found-nothing = 没有搜到群组。搜索按群名匹配：换些词、减少词数会搜到更多，请用群组的语言，每行搜一次。
found-nothing-telegram = 没有搜到群组。这次只用了 Telegram 自带搜索，它只按名称匹配，结果很少。可以换些词、减少词数，每行搜一次；在服务器的 SEARCH_BOTS 中配置搜索机器人能搜到更多。
found-nothing-phrase = 每行是作为整体搜索的。可以把其中的词分开搜：{ $words }
button-other-words = 🔎 换关键词
found-still-searching = 搜索还没结束，你的勾选会保留。
found-chosen-already = 已经选过了，进展见任务卡片。
found-only-seen = 这里由任务的规则选择；要改选，请修改任务。

## 运行：卡片上的各个步骤

card-searched = 🔎 已搜索 { $done } / { $all } 次 · 搜到 { $found } 个群组
card-joined = 🚪 { $facts }
joined-new = 已加入 { $count }
joined-already = 早已加入 { $count }
joined-waiting = 等待批准 { $count }
joined-coming = 待加入 { $count }
joined-failed = 失败 { $count }
card-listens = 👂 正在监听 { $live } / { $all } 个{ $count ->
    [0] { "" }
   *[other] { " · " }新消息约 { $count } 条
}
card-listens-last = { $line } · 最近 { $time }
card-search-source = { $place }搜“{ $words }”
card-files = 📎 文件 { $files } 个
card-skipped = 📎 已跳过：{ $facts }
skipped-protected = 受保护 { $count } 个
skipped-expiring = 会过期 { $count } 个
skipped-too-large = 过大 { $count } 个
skipped-gone = 已失效 { $count } 个
skipped-replaced = 已被编辑替换 { $count } 个
skipped-unavailable = Telegram 未提供 { $count } 个
skipped-no-room = 磁盘空间不足 { $count } 个
list-comma = { "、" }
card-unheard = ⚠️ 没有账号能读取 <b>{ $sources }</b>：{ $why }
card-proof = { $unknown ->
    [0] 🧩 { $known } 个消息编号全部确认
   *[other] 🧩 消息编号：已确认 { $known } · 未知 { $unknown }
}
card-unconfirmed = ⏳ 最新的 { $count } 条消息已保存，至少一分钟后再读一次，即可确认其间没有遗漏。
card-some-failed = { $state } · { $count } 个失败
button-failures = ✗ 全部失败（{ $count }）
failures-title = <b>任务 #{ $number } 的失败项</b> · 共 { $count } 个{ $pages ->
    [1] { "" }
   *[other] { " · " }第 { $page } / { $pages } 页
}
note-listens_by_polling = ℹ️ 没有账号加入 { $sources }，新消息会晚一点出现。
note-no_comments = ℹ️ { $sources } 未开放评论，没有评论可读。
note-pages_missing = ℹ️ 搜索“{ $sources }”时机器人没有翻页，可能还有群组没搜到。
state-listening = 监听中
state-deaf = 收不到消息
deaf-title = 🔇 <b>任务 #{ $number } 有群收不到消息</b>
deaf-named = 收不到 <b>{ $sources }</b> 的消息：这个任务只允许这些账号监听。{ $accounts }。
deaf-nobody = 收不到 <b>{ $sources }</b> 的消息：能读它的账号都没有连接。
deaf-others = { $accounts } 可以接替，请点「换个账号」。期间漏掉的消息，只要 Telegram 上还在，之后会补读。
deaf-advice = 目前没有其他账号能监听。请用 <code>telecrew login</code> 重新登录该账号，或让另一个账号加入该群。
card-heard = 👂 监听期间收到 { $count } 条

## 提示与错误

toast-stopping = 正在停止任务 #{ $number }，已存下的内容会保留。
toast-retrying = 任务 #{ $number }：正在重试失败的部分。
toast-paused = 已暂停。已存下的内容会保留，之后可从这里继续。
toast-resumed = 已继续。
toast-earlier-kept = 已保留。
toast-started = 任务 #{ $number } 已开始。
toast-exporting = 正在准备文件…
toast-default = { $name } 已设为默认账号。

error-stale = 这个按钮已经用过，或消息已过期。发送 /tasks 查看当前情况。
error-form-closed = 这张表单已经用过、已关闭，或搁置超过一周。发送 /newtask 重新填写。
error-not-allowed = 你只能查看，不能更改。请联系管理员。
error-task-gone = 这个任务已不存在。现有任务见 /tasks。
error-earlier-gone = 这一项之前已处理。剩下的见 /earlier。
error-run-gone = 这次运行已不存在。现有任务见 /tasks。
error-run-ended = 任务 #{ $number } 没有在运行。
error-running-already = 任务 #{ $number } 已经在运行。
error-paused = 任务 #{ $number } 已暂停，请先点「继续」。
error-stopping-already = 任务 #{ $number } 正在停止。
error-nothing-failed = 任务 #{ $number } 上次运行没有失败的部分。
error-edited-meanwhile = 任务刚刚被别人修改过，请从 /tasks 重新打开。
away-press = 数据库暂时连不上。你的操作已记下，数据库恢复后会自动执行。
away-message = ⏳ 数据库暂时连不上。你发送的内容已记下，数据库恢复后会自动处理。
error-store = 数据库暂时没有响应，请稍后再试。
error-telegram-busy = Telegram 暂时无法接收回复，请稍后再试。
error-telegram-refused = Telegram 拒绝了这条回复，请再试一次；详情见日志。
error-unexpected = 我们这边出了点问题，请再试一次；详情见日志。

## 原因与建议

reason-network = 与 Telegram 的连接失败。
advice-network = 请检查服务器网络，然后点「重试」。
reason-flood = Telegram 要求该账号放慢速度。
advice-flood = 到时会自动继续；换个账号可能更快。
reason-session_revoked = 该账号已被其他设备登出。
advice-session_revoked = 请用 telecrew login 重新登录，或换个账号。
reason-account_limited = 该账号被 Telegram 限制。
advice-account_limited = 请换个账号。
reason-source_unknown = 没有名为 { $source } 的群组或频道。
advice-source_unknown = 请检查拼写并修改任务。
reason-source_forbidden = 该账号无权读取 { $source }：它是私密的，或账号已被移出。
advice-source_forbidden = 请换一个已加入的账号。
reason-not_a_chat = { $source } 是个人或机器人，不是群组或频道。
advice-not_a_chat = 请修改任务，填写群组或频道。
reason-store_unavailable = 数据库没能存下消息。
advice-store_unavailable = 请检查 MongoDB 及其磁盘，然后点「重试」。
reason-api_id_rejected = Telegram 拒绝了当前的 API_ID。
advice-api_id_rejected = 请在服务器上更正 API_ID 和 API_HASH，然后点「重试」。
reason-unexpected = Telegram 返回了意料之外的内容。
advice-unexpected = 请点「重试」；如果再次出现，详情见采集端日志。
reason-not_understood = Telegram 返回了当前版本无法解析的内容。
advice-not_understood = 请升级 Telecrew，再点「重试」；已保存的内容不受影响。
reason-request_refused = Telegram 不接受当前版本的请求。
advice-request_refused = 请升级 Telecrew，再点「重试」；Telegram 的错误名称见采集端日志。
reason-words_refused = Telegram 无法搜索这些关键词。
advice-words_refused = 请换关键词：至少三个字符，也不要太长。
reason-already_inside = 账号已在 { $source } 中。
advice-already_inside = 请点「重试」开始读取。
reason-account_signed_out = { $account } 还没有登录。
advice-account_signed_out = 请用 telecrew login 登录，或换个账号。
reason-account_lost = { $account } 的登录已失效。
advice-account_lost = 请用 telecrew login 重新登录，或换个账号。
reason-account_banned = { $account } 已被 Telegram 封禁。
advice-account_banned = 请换个账号。
reason-account_removed = 账号 { $account } 已不存在。
advice-account_removed = 请换个账号。
reason-account_resting = 该账号正按 Telegram 的要求休息。
advice-account_resting = 到时会自动继续；换个账号可能更快。
reason-no_ready_account = 目前没有可用的账号。
advice-no_ready_account = 请用 telecrew login 登录一个，详情见 /accounts。
reason-never_signed_in = 该账号从未登录。
advice-never_signed_in = 请用 telecrew login 登录。
reason-timeout = Telegram 没有及时响应。
advice-timeout = 请点「重试」，或换个账号。
reason-paced = 该账号按自己设定的节奏工作，正在等下一次机会。
advice-paced = 到时会自动继续；节奏由设置项 PACE 决定。
reason-daily_limit = 该账号今天的此类调用次数已经用完。
advice-daily_limit = UTC 零点过后会自动继续；换个账号可能更快。
reason-no_worker = 采集程序没有运行，所以没有在采集。
advice-no_worker = 请在服务器上启动：telecrew collector
reason-stalled = 反复重新开始，仍然没有进展。
advice-stalled = 请点「重试」，或换个账号。
reason-key_duplicated = 该账号的登录在两处同时使用，已被 Telegram 终止。
advice-key_duplicated = 请用 telecrew login 重新登录，并且每个登录只在一处使用。
reason-lease_gone = 另一个采集程序接管了该账号。
advice-lease_gone = 会自动继续。
reason-account_frozen = 该账号已被 Telegram 冻结，许多操作都会被拒绝。
advice-account_frozen = 请换个账号；也可以用该账号打开 Telegram 申诉。
reason-banned = 该账号已被 Telegram 封禁或注销。
advice-banned = 请换个账号；可写信到 recover@telegram.org 申诉。
reason-connecting = 该账号还没有连上 Telegram。
advice-connecting = 连上后会自动继续。
reason-invite_expired = 邀请链接已过期。
advice-invite_expired = 请获取新的链接并修改任务。
reason-invite_invalid = 邀请链接无效。
advice-invite_invalid = 请检查链接并修改任务。
reason-join_pending = 该账号已申请加入 { $source }，管理员还没有通过。
advice-join_pending = 通过后请点「重试」，或换一个已加入的账号。
reason-key_invalid = Telegram 不再认可该账号的登录。
advice-key_invalid = 请用 telecrew login 重新登录，或换个账号。
reason-key_refused = Telegram 拒绝了该账号，但此版本不认识这个回答。账号会保留并继续重试。
advice-key_refused = 如果一直如此，请更新采集程序。如果其他账号正常，请用 telecrew login 重新登录该账号。
reason-key_unknown = 以 Telegram 身份应答的服务器不认识该账号的登录。账号会保留并继续重试。
advice-key_unknown = 请检查采集程序的 TELEGRAM_DC 和网络（包括代理）。如果其他账号在那里正常，请用 telecrew login 重新登录该账号。
reason-libraries_missing = 采集程序缺少必需的库。
advice-libraries_missing = 请在服务器上重新安装 Telecrew；缺哪个库见采集端日志。
reason-peer_invalid = Telegram 不允许该账号访问 { $source }。
advice-peer_invalid = 请点「重试」，或换个账号。
reason-server = Telegram 服务器出现故障。
advice-server = 请过几分钟再点「重试」。
reason-session_keys_invalid = 服务器上的 SESSION_KEYS 缺失或无效。
advice-session_keys_invalid = 请在服务器上恢复正确的密钥，然后点「重试」。
reason-session_unreadable = 无法读取该账号保存的登录信息，可能是 SESSION_KEYS 已更换。
advice-session_unreadable = 请在服务器上恢复原来的密钥，或用 telecrew login 重新登录。
reason-server_differs = TELEGRAM_DC 指定的服务器不是该账号登录时的服务器，不认识该账号。
advice-server_differs = 请更正采集程序的 TELEGRAM_DC，或用 telecrew login 重新登录该账号。
reason-telegram_dc_invalid = 设置中指定的 Telegram 服务器无法使用。
advice-telegram_dc_invalid = 请更正服务器上的设置；详情可运行 telecrew doctor。
reason-too_many_chats = 该账号加入的群组和频道已达 Telegram 上限。
advice-too_many_chats = 请用该账号退出一些，或换个账号。
reason-join_refused = 该账号无法进入 { $source }：已被移出或封禁。
advice-join_refused = 请换一个账号。
reason-join_not_approved = { $source } 一直没有人通过该账号的入群申请。
advice-join_not_approved = 请联系群管理员，通过后点「重试」。
reason-join_by_app = { $source } 只能在 Telegram 应用里加入：入群要经机器人验证。
advice-join_by_app = 请在应用里用这个账号加入，然后点「重试」。
reason-chat_full = { $source } 成员已满，无法再加入。
advice-chat_full = 请换一个已加入的账号，或稍后再试。
reason-not_a_bot = { $source } 不是机器人，不能用来搜索。
advice-not_a_bot = 请在服务器上改正 SEARCH_BOTS。
reason-bot_silent = 搜索机器人没有回应。
advice-bot_silent = 请稍后点「重试」，或换一个搜索机器人。
reason-bot_guarded = 搜索机器人要求先做人机验证。
advice-bot_guarded = 请用这个账号在 Telegram 应用里打开该机器人并通过验证，然后点「重试」。
reason-bot_busy = 搜索机器人正忙。
advice-bot_busy = 会自动再问几次。若仍繁忙，请稍后点「重试」，或换一个搜索机器人。
reason-choose_groups = 等你选择要加入哪些群组。
advice-choose_groups = 请点「选择群组」。
reason-no_reader = 没有在线账号能读取 { $source }，暂时收不到它的新消息。
advice-no_reader = 请让一个账号加入该群，或等待已加入的账号重新连上。
reason-name_moved = { $source } 现在属于另一个会话：{ $now }。任务要采集的是 { $before }（{ $chat }）。
advice-name_moved = 请修改任务：保留该用户名即采集现在的会话；要采集原来的会话，请填写它的新用户名或 ID。
reason-not_joined = 该账号不在 { $source } 里。
advice-not_joined = 请先新建一个会加群的任务，或换一个已加入的账号。
reason-unknown = 没有成功（{ $reason }）。
advice-unknown = 请点「重试」；详情见采集端日志。

## 文件

reason-file_unavailable = Telegram 暂时不提供这个文件。
advice-file_unavailable = 稍后点“重试”；消息本身已保存。
reason-file_gone = Telegram 上已没有这个文件。
advice-file_gone = 无需处理；消息本身已保存。
reason-file_reference = Telegram 给出的文件引用已过期。
advice-file_reference = 请点“重试”。
reason-disk_full = 采集器的磁盘放不下全部文件：要给 MongoDB 留 1 GB 空间。
advice-disk_full = 请在采集器的磁盘上腾出空间，再点“重试”；会从中断处继续。
reason-folder_unusable = 采集器无法写入存放文件的文件夹。
advice-folder_unusable = 请允许它写入 DATA_DIR 里的 media 文件夹，再点“重试”。

## 覆盖情况

button-coverage = 覆盖情况
button-confirm = 现在确认
button-repair = 补读未知部分
coverage-title = <b>任务 #{ $number } 的覆盖情况</b>
coverage-chat = <b>{ $title }</b>
coverage-none = 这次运行没有打开任何群组。
coverage-empty = 这里从未有过消息。
coverage-range = 消息 1 至 { $top }
coverage-stored = 已存 { $count }
coverage-absent = 确认不存在 { $count }
coverage-unreadable = 对本组账号隐藏 { $count }
coverage-undecoded = 已保存但无法解析 { $count }
coverage-unknown = 未知 { $count }
coverage-complete = 没有遗漏。
coverage-legend = █ 已知 · ▓ 已保存，待确认 · ▒ 对本组账号隐藏 · ░ 未知
coverage-repair = 有 { $count } 个消息编号未知。补读会超出任务设定的数量和日期范围。
coverage-repair-pages = 本页群组有 { $count } 个消息编号未知。点按钮会补读所有页的未知部分，不受任务设定的数量和日期范围限制。
toast-repairing = 任务 #{ $number } 正在补读未知部分。
reason-left_to_members = 由已在 { $source } 里的账号来读取。
advice-left_to_members = 几秒后开始。
reason-being_deleted = { $source } 已存的消息正在删除。
advice-being_deleted = 删除完成后开始。
reason-topic_unknown = { $source } 没有这个话题。
advice-topic_unknown = 请重新发送话题链接，或读取整个群组。
