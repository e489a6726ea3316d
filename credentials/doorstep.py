"""Doorstep words: one harmless word that both phones at the door show."""

import secrets
from dataclasses import dataclass

PAIRS = """
apple 苹果|pear 梨子|peach 桃子|plum 李子|cherry 樱桃|grape 葡萄|melon 甜瓜|lemon 柠檬
orange 橙子|banana 香蕉|mango 芒果|coconut 椰子|walnut 核桃|peanut 花生|chestnut 栗子
carrot 胡萝卜|potato 土豆|tomato 番茄|pumpkin 南瓜|cucumber 黄瓜|spinach 菠菜
mushroom 蘑菇|ginger 生姜|garlic 大蒜|pepper 辣椒|celery 芹菜|bamboo 竹子|willow 柳树
pine 松树|maple 枫树|cypress 柏树|ginkgo 银杏|lotus 荷花|orchid 兰花|rose 玫瑰
tulip 郁金香|lily 百合|jasmine 茉莉|peony 牡丹|daisy 雏菊|sunflower 向日葵|clover 三叶草
meadow 草地|forest 森林|river 河流|lake 湖泊|island 小岛|harbour 港口|mountain 高山
valley 山谷|waterfall 瀑布|desert 沙漠|glacier 冰川|canyon 峡谷|beach 海滩|ocean 海洋
sunrise 日出|rainbow 彩虹|snowflake 雪花|breeze 微风|thunder 雷声|cloud 白云|moon 月亮
star 星星|comet 彗星|planet 行星|panda 熊猫|tiger 老虎|rabbit 兔子|squirrel 松鼠
dolphin 海豚|whale 鲸鱼|penguin 企鹅|swallow 燕子|sparrow 麻雀|crane 仙鹤|pigeon 鸽子
owl 猫头鹰|parrot 鹦鹉|peacock 孔雀|butterfly 蝴蝶|dragonfly 蜻蜓|bee 蜜蜂|camel 骆驼
horse 骏马|sheep 绵羊|goat 山羊|deer 小鹿|elephant 大象|giraffe 长颈鹿|kangaroo 袋鼠
koala 考拉|turtle 乌龟|goldfish 金鱼|violin 小提琴|piano 钢琴|guitar 吉他|flute 长笛
drum 大鼓|trumpet 小号|candle 蜡烛|lantern 灯笼|kite 风筝|balloon 气球|umbrella 雨伞
basket 篮子|teapot 茶壶|bottle 瓶子|spoon 勺子|blanket 毯子|pillow 枕头|mirror 镜子
window 窗户|garden 花园|bridge 石桥|tower 高塔|castle 城堡|temple 寺庙|museum 博物馆
library 图书馆|station 车站|bicycle 自行车|train 火车|sailboat 帆船|airplane 飞机
rocket 火箭|compass 指南针|telescope 望远镜|pencil 铅笔|notebook 笔记本|painting 油画
silk 丝绸|cotton 棉花|button 纽扣|scarf 围巾|noodle 面条|dumpling 饺子|honey 蜂蜜
"""


@dataclass(frozen=True, slots=True)
class Word:
    """One word in both languages; the English one is also its key."""

    en: str
    zh: str


WORDS: tuple[Word, ...] = tuple(
    Word(*pair.split()) for pair in PAIRS.strip().replace("\n", "|").split("|")
)
BY_KEY = {word.en: word for word in WORDS}


def pick() -> str:
    """The key of a word chosen by the system's randomness."""
    return secrets.choice(WORDS).en


def spoken(key: str) -> Word:
    """The word in each language; ``KeyError`` for a key that ``pick`` never gave."""
    return BY_KEY[key]
