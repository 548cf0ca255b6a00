"""Names of people for made-up chats: given names and family names."""

PEOPLE_EN = (
    (
        "Alice", "Ben", "Carla", "Daniel", "Elena", "Felix", "Grace", "Hugo", "Irina", "Jack",
        "Karen", "Liam", "Maya", "Noah", "Olga", "Peter", "Quinn", "Rosa", "Samir", "Tara",
        "Umar", "Vera", "Will", "Xenia", "Yusuf", "Zoe",
    ),
    (
        "Adams", "Becker", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ivanov",
        "Jensen", "Khan", "Lopez", "Meyer", "Novak", "Okafor", "Patel", "Rossi", "Smith",
        "Tanaka", "Volkov", "Walker", "Young",
    ),
)  # fmt: skip

PEOPLE_ZH = (
    (
        "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛",
        "明", "超", "秀英", "建国", "晓燕", "志强", "思远", "雨桐", "子涵", "浩然", "欣怡",
    ),
    (
        "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高",
        "林", "何", "郭", "马", "罗", "欧阳", "司马",
    ),
)  # fmt: skip
