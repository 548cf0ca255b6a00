"""Which words a chat's topic is found by, in both languages."""

WORDS = {
    "crypto": ("crypto", "bitcoin", "btc", "coin", "币", "币圈", "比特币", "加密", "炒币"),
    "tech": ("tech", "programming", "developer", "技术", "编程", "程序员", "开发"),
    "python": ("python", "programming", "code", "developer", "编程"),
    "news": ("news", "world", "headlines", "新闻", "资讯", "时事"),
    "city": ("city", "local", "shenzhen", "深圳", "生活", "同城", "本地"),
    "travel": ("travel", "trip", "asia", "backpacking", "旅行", "旅游"),
    "books": ("books", "reading", "读书", "书", "小说"),
}
