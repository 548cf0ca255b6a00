// The page's own words. `t(key, values)` fills {braces}.

const TEXTS = {
  en: {
    title: "Telecrew sandbox",
    subtitle: "Your own local Telegram",
    youAre: "You are",
    operator: "Operator",
    stranger: "Stranger",
    operatorHint: "{name} may command the bot.",
    strangerHint: "{name} is not on the bot's list.",
    language: "Language",
    theme: "Theme",
    themeAuto: "As the system",
    themeLight: "Light",
    themeDark: "Dark",
    chatsTitle: "Chats to try",
    chatsHint: "Press one to copy its name or link, then type /newtask and paste.",
    note_group: "a small group",
    note_approval: "asks for approval",
    note_peek: "shows itself for five minutes",
    note_full: "full: nobody more can join",
    note_expired: "An expired link",
    messages: "{count} messages",
    openPanel: "Open the side panel",
    close: "Close",
    bot: "bot",
    typing: "typing",
    upload: "sending a file",
    connecting: "connecting…",
    offline: "not connected, trying again…",
    block: "Stop bot",
    unblock: "Restart the bot",
    blocked: "You stopped this bot.",
    earlier: "Show earlier messages",
    emptyTitle: "Say hello to {name}",
    emptyHint: "Press /start to begin. Everything here is made up, so try whatever you like.",
    commands: "Commands",
    placeholder: "Message",
    send: "Send",
    toBottom: "To the newest message",
    reply: "Reply",
    cancelReply: "Do not reply",
    ok: "OK",
    copied: "Copied {what}",
    you: "You",
    edited: "edited",
    today: "Today",
    yesterday: "Yesterday",
    more: "Show more",
    less: "Show less",
    spoiler: "Hidden text: press to show",
    noAnswer: "The bot has not answered.",
    notSent: "That did not reach the sandbox. Is it running?",
    photo: "Photo",
    opens: "opens {what}",
    copies: "copies {what}",
  },
  zh: {
    title: "Telecrew 沙盒",
    subtitle: "只在本机运行的 Telegram",
    youAre: "当前身份",
    operator: "操作员",
    stranger: "陌生人",
    operatorHint: "{name} 可以指挥机器人。",
    strangerHint: "{name} 不在机器人的名单里。",
    language: "语言",
    theme: "外观",
    themeAuto: "跟随系统",
    themeLight: "浅色",
    themeDark: "深色",
    chatsTitle: "可以试试的群组和频道",
    chatsHint: "点一下复制名称或链接，再输入 /newtask 并粘贴。",
    note_group: "小群（普通群）",
    note_approval: "加入需要批准",
    note_peek: "加入前可以预览五分钟",
    note_full: "已满员，无法加入",
    note_expired: "失效的邀请链接",
    messages: "{count} 条消息",
    openPanel: "打开侧栏",
    close: "关闭",
    bot: "机器人",
    typing: "正在输入",
    upload: "正在发送文件",
    connecting: "正在连接…",
    offline: "连接已断开，正在重试…",
    block: "停用机器人",
    unblock: "重新启用机器人",
    blocked: "你已停用这个机器人。",
    earlier: "显示更早的消息",
    emptyTitle: "和 {name} 打个招呼",
    emptyHint: "点按 /start 开始。这里的一切都是虚构的，放心尝试。",
    commands: "命令",
    placeholder: "输入消息",
    send: "发送",
    toBottom: "回到最新消息",
    reply: "回复",
    cancelReply: "取消回复",
    ok: "好",
    copied: "已复制 {what}",
    you: "你",
    edited: "已编辑",
    today: "今天",
    yesterday: "昨天",
    more: "展开",
    less: "收起",
    spoiler: "隐藏的文字：点按显示",
    noAnswer: "机器人还没有回应。",
    notSent: "没有送达沙盒，它在运行吗？",
    photo: "图片",
    opens: "打开 {what}",
    copies: "复制 {what}",
  },
};

let current = "en";

export const language = () => current;
export const locale = () => (current === "zh" ? "zh-CN" : "en-GB");

export function t(key, values = {}) {
  return TEXTS[current][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function speak(chosen) {
  current = chosen in TEXTS ? chosen : "en";
  document.documentElement.lang = current === "zh" ? "zh-Hans" : "en";
  document.title = t("title");
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    node.title = t(node.dataset.label);
  }
}
