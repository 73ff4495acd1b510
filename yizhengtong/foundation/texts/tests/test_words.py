"""Every code has words, in three languages that ask for the same facts and are written as their readers write."""

import re
from fnmatch import fnmatchcase
from string import Formatter

import pytest

from yizhengtong.foundation.texts import LANGUAGES, PAGE_LANGUAGES
from yizhengtong.foundation.texts.catalogue import texts
from yizhengtong.foundation.texts.tests.codes import HOUSE, Spoken, spoken_codes

TEXTS = texts()
WITH_ENDINGS = {"Finding"}
"""A finding's code may have words for each way it ends instead of one of its own."""
MEASURED = "residence."
"""Findings of residence are titled by one common code; theirs are the details."""


def has_words(spoken: Spoken) -> bool:
    endings = ("", ".met", ".unmet", ".open") if spoken.call in WITH_ENDINGS else ("",)
    return any(fnmatchcase(code, spoken.pattern + ending) for code in TEXTS for ending in endings)


def test_the_scan_sees_the_codes_of_the_house() -> None:
    found = spoken_codes()
    assert len({spoken.pattern for spoken in found}) > 80
    assert {"web.stale_version", "casework.same_officer", "operations.line_*"} <= {spoken.pattern for spoken in found}
    assert {spoken.call for spoken in found} >= {"Invalid", "Conflict", "NotFound", "FieldError", "Finding", "say"}


def test_every_code_that_is_spoken_has_words() -> None:
    silent = {
        f"{spoken.place} {spoken.pattern}"
        for spoken in spoken_codes()
        if "." in spoken.pattern and not has_words(spoken)
    }
    assert not silent


def test_every_finding_has_a_title() -> None:
    codes = {spoken.pattern for spoken in spoken_codes() if spoken.call == "Finding" and "*" not in spoken.pattern}
    assert len(codes) > 10
    assert not {code for code in codes if code not in TEXTS and not code.startswith(MEASURED)}


def test_a_scan_that_finds_a_code_without_words_says_so() -> None:
    assert not has_words(Spoken("web.no_such_code", "Invalid", "here"))
    assert not has_words(Spoken("no_such_room.*", "say", "here"))


def test_every_text_is_there_in_every_language_and_no_other() -> None:
    regional = set(PAGE_LANGUAGES) - set(LANGUAGES)
    assert not {
        code for code, words in TEXTS.items() if tuple(each for each in words if each not in regional) != LANGUAGES
    }


def placeholders(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in Formatter().parse(text) if name})


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hant-HK", "zh-Hant-TW", "en"])
def test_the_languages_ask_for_the_same_facts(language: str) -> None:
    unequal = {
        code
        for code, words in TEXTS.items()
        if language in words and placeholders(words["zh-Hans"]) != placeholders(words[language])
    }
    assert not unequal


def test_placeholders_are_plain_names() -> None:
    for code, words in TEXTS.items():
        assert all(re.fullmatch(r"[a-z_]+", name) for name in placeholders(words["en"])), code


PAIRS = ("（）", "“”", "‘’", "《》", "〔〕", "「」", "『』", "【】", "()", "[]")


@pytest.mark.parametrize("pair", PAIRS)
def test_brackets_and_quotes_open_and_close_in_turn(pair: str) -> None:
    for code, words in TEXTS.items():
        for language, text in words.items():
            if language == "en" and pair == "‘’":
                continue  # the apostrophe
            depth = 0
            for letter in text:
                depth += (letter == pair[0]) - (letter == pair[1])
                assert depth >= 0, (code, language)
            assert depth == 0, (code, language)


HALF_WIDTH = re.compile(r"[\u4e00-\u9fff}][,:;?!(]|[,:;?!)][\u4e00-\u9fff{]")


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_sentences_are_punctuated_full_width(language: str) -> None:
    assert not {code for code in half_width(language) if not code.startswith("law.")}


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_what_is_said_to_those_who_write_packs_is_punctuated_full_width_too(language: str) -> None:
    assert not {code for code in half_width(language) if code.startswith("law.")}


def half_width(language: str) -> set[str]:
    return {code for code, words in TEXTS.items() if HALF_WIDTH.search(words[language])}


FORBIDDEN = ("外来人口", "外來人口", "外来务工", "外來務工", "暂住", "暫住", "盲流")
TITLES = re.compile("《[^》]*》")
"""A law is called what it is called: titles stay as they were printed."""


@pytest.mark.row("S3-03")
@pytest.mark.parametrize("word", FORBIDDEN)
def test_nobody_is_called_an_outsider(word: str) -> None:
    assert not {code for code, words in TEXTS.items() if word in TITLES.sub("", "".join(words.values()))}


@pytest.mark.row("S3-03")
def test_those_who_came_are_called_new_residents() -> None:
    assert any("新居民" in words["zh-Hans"] for words in TEXTS.values())


@pytest.mark.row("S3-03")
@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_template_or_paper_calls_anybody_an_outsider(word: str) -> None:
    shown = [path for ending in ("html", "txt", "typ", "js") for path in HOUSE.rglob(f"*.{ending}")]
    assert len(shown) > 100
    assert not {path.name for path in shown if word in TITLES.sub("", path.read_text(encoding="utf-8"))}


LITERAL_MAINLAND = re.compile("内地|內地|(?<![台臺湾灣])大陆|大陸")
QUOTED_NAMES = re.compile(
    "港澳居民(来往|來往)(内地|內地)通行证?證?|(台|臺)(湾|灣)居民(来往|來往)(大陆|大陸)通行证?證?|来往(内地|大陆)通行证|來往(內地|大陸)通行證"
    "|(台湾居民来大陆定居|台灣居民來大陸定居)(申请表|申請表)"
)


def test_the_mainland_is_named_by_the_region_of_the_reader_not_by_the_text() -> None:
    fixed = {
        code
        for code, words in TEXTS.items()
        for language in ("zh-Hans", "zh-Hant", "zh-Hant-HK", "zh-Hant-TW")
        if language in words
        if LITERAL_MAINLAND.search(QUOTED_NAMES.sub("", words[language]))
    }
    assert not fixed


SIMPLIFIED_ONLY = set(
    "们这说时会过还进对发现问题应当门关开间长东车马鸟鱼见贝页风飞钱银铁针钟镜饭馆给红级约纪纸组织结经统绝继续维网罗签证书业产严丧个丰临为举义乐习乡买乱争亏云亚亲仅从仓仪众优传伤伦伟侧侦倾偿储儿兑党兰兴养写军农决况冲减凑凤击创别刘则刚剂剑办务动劳势勋区医协单卖卢卫却厂厅历厉压厌县双变叙叶号叹吗听启员响哑团园围国图圆圣场坏块坚坛垫报择担拟拥拦拨挂损换据搜摄摆摇撑敌数斋断无旧显晓暂术机杀杂权条来杨极构标样树档桥检楼欢欧残毕汇汉沟没泪洁浅测济浓涂润涨渐温湾湿满灭灯灵灾炼点烦烧热爱爷牵状独狮献环画疗疯监盖盘码础确离种积称稳穷竞笔筑简类粮紧纠纳纵纷练终绍绘绑绩绪绿缓编缘缩缴罚职联聪肃肠胀胁胜脑脸腾舰艺节芦苏荐药获营虑虚虽虾蚀补装规觉览触誉计订认讨让训议讯记讲许论设访证评识诉词译试诗诚话询该详语误请诸读课谁调谈谋谓谢谨谱贡财责贤败账货质贩贪贫购贯贵费贸贺资赋赏赔赖赛赞赠赢赶趋跃践转轮软轻载较辅辆辈输边达迁运近返适选递远违连迟邮邻郑酱释里鉴钥铅铜销锁错键锦镇闭闲闻阅队阳阴阵阶际陆陈险随隐难雾静韩顶项顺须顾顿预领频颜额愿颠饮饱饰驱驳驶驻骂验骗鸡麦黄龙龄"
) - set("里近返没黄别搜换据")
"""Characters that exist only, or in these words only, in simplified writing."""


def test_traditional_texts_hold_no_simplified_characters() -> None:
    found = {
        f"{code} {language}": sorted(SIMPLIFIED_ONLY & set(text))
        for code, words in TEXTS.items()
        for language, text in words.items()
        if language.startswith("zh-Hant")
    }
    # What the law is called is quoted as printed: 国办发〔2018〕81号 is 國辦發 in traditional texts as well.
    assert not {code: letters for code, letters in found.items() if letters}


def is_written_in_big5(letter: str) -> bool:
    try:
        letter.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def test_traditional_texts_hold_only_characters_that_are_written_so() -> None:
    """Big5 knows every character in common use in traditional writing, and none that is written only in simplified."""
    assert is_written_in_big5("證")
    assert not is_written_in_big5("证")
    odd = {
        f"{code} {language}": letters
        for code, words in TEXTS.items()
        for language, text in words.items()
        if language.startswith("zh-Hant")
        if (letters := [each for each in text if "\u4e00" <= each <= "\u9fff" and not is_written_in_big5(each)])
    }
    assert not odd


def test_simplified_texts_hold_no_traditional_characters() -> None:
    traditional = set(
        "們這說時會過還進對發現問題應當門關開間長東車馬見頁風錢給紅級約紀紙組織結經統繼續維網簽證書業產請為與於將該詳語誤讀課調談謝"
    )
    found = {code: sorted(traditional & set(words["zh-Hans"])) for code, words in TEXTS.items()}
    assert not {code: letters for code, letters in found.items() if letters}


def test_english_texts_are_english_but_for_names_of_laws_and_papers() -> None:
    outside = re.compile(r"[\u4e00-\u9fff]+")
    for code, words in TEXTS.items():
        assert len("".join(outside.findall(words["en"]))) <= len(words["en"]) / 3, code


def test_a_text_for_the_reader_differs_between_scripts_where_the_characters_do() -> None:
    same = {code for code, words in TEXTS.items() if words["zh-Hans"] == words["zh-Hant"]}
    assert not {code for code in same if SIMPLIFIED_ONLY & set(TEXTS[code]["zh-Hans"])}
