"""Every sentence of our own that a user may read, in Chinese and English."""

from __future__ import annotations

_MESSAGES: dict[str, tuple[str, str]] = {
    "empty": ("请输入想问的问题。", "Please type a question."),
    "too_long": (
        "问题太长了（{count} 字，最多 {limit} 字）。请把要问的事缩短一些，或分几次问。",
        "The question is too long ({count} characters, at most {limit}). Please shorten or split it.",
    ),
    "no_words": (
        "没有看懂这个问题：里面没有可以查的文字。请用一句话说说想办什么事，或者想查哪一条。",
        "I found no words to look up. Please say in a sentence what you want to do, or which article you want.",
    ),
    "binary": (
        "问题里有不能识别的内容（像是文件数据）。请只输入文字。",
        "The question holds data that is not text. Please type words only.",
    ),
    "greeting": (
        "您好！我只依据已收录的政策文件回答：哪个部门牵头、哪些部门配合、第几条怎么写，都附原文和条号。"
        "比如可以问：“修路借的贷款利息能不能补一点，找谁？”或“第十四条的原文”。",
        "Hello! I answer from the policy documents held here: who leads, who cooperates, what an article says, "
        "with the original words and the article number. Ask, for example: “Who leads interest subsidies for "
        "infrastructure loans?”",
    ),
    "thanks": ("不客气，还有问题可以接着问。", "You are welcome. Feel free to ask more."),
    "unsafe": (
        "这个要求不能照办：我只依据已收录的文件回答政策问题，不能改变这一点，也不能编写条文或代表政府作出承诺。",
        "I cannot do that: I only answer policy questions from the documents held here, and cannot change that, "
        "make up clauses, or promise anything in the government's name.",
    ),
    "unsafe_part": (
        "问题里与政策无关的要求没有照办。",
        "The part of the message that was not a policy question was not followed.",
    ),
    "out_of_scope": (
        "这个问题不在已收录的政策文件范围内，没有可以引用的条文，所以不作回答。",
        "This is outside the policy documents held here; no clause could be quoted, so there is no answer.",
    ),
    "not_found": (
        "已收录的文件里没有找到能回答这个问题的条文。",
        "The documents held here have no clause that answers this question.",
    ),
    "elsewhere": (
        "问的是外地的园区或政策，已收录的文件没有写到。",
        "This is about a zone or policy elsewhere, which the documents held here do not cover.",
    ),
    "not_said": (
        "已收录的文件没有写明{what}。",
        "The documents held here do not state this ({what}).",
    ),
    "not_said_of_it": (
        "已收录的文件没有写到问的这一点。",
        "The documents held here do not say this.",
    ),
    "nearest": (
        "最接近的条文是{label}，但它没有写这一点：",
        "The nearest clause is {label}, which does not say it:",
    ),
    "in_general": (
        "这件事总的由谁管，{label}是这样写的：",
        "Who is in charge in general, {label}:",
    ),
    "far_fetched": (
        "以上是按意思找到的最接近的条文，问法和条文用词相差较大，请核对原文是不是您要办的事。",
        "This is the clause closest in meaning; its words differ much from the question, so please check the text.",
    ),
    "usually": (
        "这类事平时一般由{names}管（常识，不是文件写的）。",
        "Such matters are usually handled by {names} (general knowledge, not from the documents).",
    ),
    "who_knows": ("可以向{who}了解。", "Please ask: {who}."),
    "ask_lead": ("这一条由{lead}牵头，可以向其了解。", "That article is led by {lead}, who may know."),
    "no_such_article": (
        "《{title}》没有{asked}：它的条文从{first}到{last}，共 {count} 条。",
        "{title} has no {asked}: its articles run from {first} to {last}, {count} in all.",
    ),
    "nothing_before": (
        "{label}是第一条，前面没有别的条。",
        "{label} is the first article; there is none before it.",
    ),
    "no_such_limb": (
        "{label}只有 {count} {kind}，没有第{asked}{kind}。",
        "{label} has {count} {kind}(s), so no {kind} {asked}.",
    ),
    "limb": ("{label}第{asked}{kind}的原文：", "The text of {label}, {kind} {asked}:"),
    "nth_in_section": (
        "“{section}”里的第{asked}条是{label}：",
        "In “{section}” article number {asked} is {label}:",
    ),
    "fewer_in_section": (
        "“{section}”共 {count} 条，没有第{asked}条：",
        "“{section}” has {count} articles, so no article {asked}:",
    ),
    "not_held": (
        "没有收录{name}，所以查不到它的条文。",
        "{name} is not among the documents held here, so its articles cannot be looked up.",
    ),
    "not_held_note": (
        "没有收录{name}的原文；以上是收录的文件里的话。",
        "{name} is not held here; the above is from the documents that are.",
    ),
    "held_mentions": ("收录的文件里提到它的地方：", "Where the documents held here mention it:"),
    "defined": ("文件里是这样界定“{term}”的：", "“{term}” is defined as follows:"),
    "not_defined": (
        "文件没有给“{term}”下定义，下面是写到它的地方。",
        "The documents do not define “{term}”; this is where they mention it.",
    ),
    "not_defined_anywhere": (
        "文件没有给“{term}”下定义，有 {count} 条写到它。",
        "The documents do not define “{term}”; {count} articles mention it.",
    ),
    "eligibility": (
        "这里只引原文写明的条件，不代为判断够不够格；请向{who}确认。",
        "The conditions are quoted as written, without a verdict of ours; please confirm with {who}.",
    ),
    "competent": ("主管部门", "the competent authority"),
    "such_words": ("{label}写到了“{words}”：", "{label} mentions “{words}”:"),
    "no_such_words": (
        "{label}里没有写到“{words}”，请以下面的原文为准。",
        "{label} does not mention “{words}”; please go by the text below.",
    ),
    "no_such_section": (
        "《{title}》没有第 {asked} 部分：它一共有 {count} 个部分。",
        "{title} has no part {asked}: it has {count} parts.",
    ),
    "no_role": (
        "已收录的文件里，{name}没有牵头或配合任何条款。",
        "In the documents held here, {name} neither leads nor cooperates in any article.",
    ),
    "no_lead": (
        "{name}不牵头任何条款，它配合 {count} 条：",
        "{name} leads no article; it cooperates in {count}:",
    ),
    "no_cooperating": (
        "{name}不在任何条款里担任配合，它牵头 {count} 条：",
        "{name} cooperates in no article; it leads {count}:",
    ),
    "overview": ("牵头的单位共 {count} 个：{counts}。", "{count} bodies lead articles: {counts}."),
    "absent": ("没有{name}参与的有 {count} 条：", "{count} article(s) do not involve {name}:"),
    "absent_lead": ("不由{name}牵头的有 {count} 条：", "{count} article(s) are not led by {name}:"),
    "absent_cooperating": (
        "没有把{name}列为配合单位的有 {count} 条：",
        "{count} article(s) do not name {name} as cooperating:",
    ),
    "alone_none": (
        "没有只由{name}一家{role}的条。",
        "No article has {name} alone in the role of {role}.",
    ),
    "alone": ("只由{name}一家{role}的有 {count} 条：", "{count} article(s) have {name} alone as {role}:"),
    "both_roles_none": ("没有这样的条。", "There is no such article."),
    "cooperates_not_leads": (
        "{name}配合、但不牵头的有 {count} 条：",
        "{name} cooperates in {count} article(s) that it does not lead:",
    ),
    "unassigned": ("没有写明{role}单位的有 {count} 条：", "{count} article(s) name no {role} body:"),
    "unassigned_none": ("每一条都写明了{role}单位。", "Every article names a {role} body."),
    "most": ("{role}最多的是{counts}。", "Most often {role}: {counts}."),
    "least": ("{role}最少的是{counts}。", "Least often {role}: {counts}."),
    "besides": (
        "除{name}以外，牵头的单位共 {count} 个：{counts}。",
        "Besides {name}, {count} bodies lead: {counts}.",
    ),
    "abuse": (
        "我只回答政策文件里的问题。有要办的事或要查的条文，请直接说，我照原文回答。",
        "I only answer questions about the policy documents. Please say what you need and I will quote the text.",
    ),
    "absent_nowhere": ("每一条都有{name}参与。", "{name} takes part in every article."),
    "leads": ("{name}牵头 {count} 条：", "{name} leads {count} article(s):"),
    "cooperates": ("{name}配合 {count} 条：", "{name} cooperates in {count} article(s):"),
    "leads_and_responsible": (
        "{name}牵头 {lead} 条，另有 {responsible} 条写明由其负责、没有写明谁牵头：",
        "{name} leads {lead} article(s), and is responsible, no lead being named, for {responsible}:",
    ),
    "cooperates_and_responsible": (
        "{name}配合 {cooperating} 条，另有 {responsible} 条写明由其负责、没有写明谁牵头：",
        "{name} cooperates in {cooperating} article(s), and is responsible, no lead being named, for {responsible}:",
    ),
    "takes_part_and_responsible": (
        "{name}牵头 {lead} 条、配合 {cooperating} 条，另有 {responsible} 条写明由其负责、没有写明谁牵头：",
        "{name} leads {lead} article(s), cooperates in {cooperating}, and is responsible for {responsible} without a "
        "lead being named:",
    ),
    "of_the_closest": ("与所问的事最接近的条文里，", "In the article closest to the matter, "),
    "on_topic": ("在写到“{words}”的条文里，", "Among the articles that mention “{words}”: "),
    "takes_part": (
        "{name}牵头 {lead} 条、配合 {cooperating} 条：",
        "{name} leads {lead} and cooperates in {cooperating}:",
    ),
    "responsible_for": ("{name}负责 {count} 条：", "{name} is responsible for {count} article(s):"),
    "complete": (
        "以上按全部条文逐条核对，没有遗漏。",
        "This list was made from all articles and is complete.",
    ),
    "printed_as": ("{name}在文件里印作{printed}。", "The document prints {name} as {printed}."),
    "bodies": ("{lead}{cooperating}。", "{lead}{cooperating}."),
    "lead": ("**{names}牵头**", "**Lead: {names}**"),
    "cooperating": ("{names}{others}配合", "cooperating: {names}{others}"),
    "responsible": (
        "**{names}{others}负责**（没有写明谁牵头）",
        "**Responsible: {names}{others}** (no lead is named)",
    ),
    "others": ("等部门", " and others"),
    "no_bodies": ("这一条没有写明由哪个部门负责。", "This article does not say which body is responsible."),
    "left_out": (
        "文件没有写这件事由哪个部门负责，最接近的条文里也没有列单位：",
        "The document does not say which body is responsible; the nearest article names none:",
    ),
    "role_is": ("在{label}里，**{name}是{role}单位**{lead}。", "In {label}, **{name} is {role}**{lead}."),
    "role_none": ("{name}不在{label}的责任单位里{lead}。", "{name} has no part in {label}{lead}."),
    "role_lead_tail": ("，牵头的是{lead}", "; the lead is {lead}"),
    "role_wrong": (
        "不是这样：在{label}里，{name}是{role}单位{lead}。",
        "That is not so: in {label}, {name} is {role}{lead}.",
    ),
    "figure_wrong": (
        "与原文不符：原文写的是“{printed}”，不是“{asked}”。",
        "That differs from the text: it says “{printed}”, not “{asked}”.",
    ),
    "says": ("{label}是这样写的：", "{label} says:"),
    "digest_says": ("{label}的提要：", "The digest of {label}:"),
    "whole": ("{label}的原文：", "The text of {label}:"),
    "section_list": ("{section}共 {count} 条：", "{section} has {count} articles:"),
    "count_articles": (
        "《{title}》共 {sections} 个部分、{count} 条。",
        "{title} has {sections} parts and {count} articles.",
    ),
    "phrase_list": ("有 {count} 条写到“{phrase}”：", "{count} article(s) mention “{phrase}”:"),
    "current": ("现名：{pairs}。", "Names today: {pairs}."),
    "current_pair": ("{old}现为{new}", "{old} is now {new}"),
    "current_pair_since": ("{old}自 {year} 年起为{new}", "{old} is {new} since {year}"),
    "names_known": (
        "部门名称表里记着：{text}（不是文件写的）。",
        "Known of its name (not from the documents): {text}.",
    ),
    "name_unchanged": ("{name}的名称没有变，全称是{full}", "{name} has kept its name, {full}"),
    "current_unchecked": (
        "（约 {year} 年又有调整，可能是{new}，未核对）",
        " (around {year} perhaps {new}, unverified)",
    ),
    "closest": ("另外，{label}也可能相关。", "{label} may be relevant too."),
    "document_date": ("《{title}》成文日期是 {issued}{posted}。", "{title} is dated {issued}{posted}."),
    "posted": ("，{posted} 上网发布（转载页日期）", ", posted on {posted} (date of the page)"),
    "document_issuer": ("《{title}》由{issuer}印发。", "{title} was issued by {issuer}."),
    "document_number": ("《{title}》的文号是{number}。", "The number of {title} is {number}."),
    "document_addressees": ("《{title}》主送：{names}。", "{title} is addressed to: {names}."),
    "document_validity": ("《{title}》是这样写的：", "{title} says:"),
    "document_basis": ("《{title}》开头写明了依据：", "{title} states its basis at the beginning:"),
    "document_unknown": (
        "收录的文本没有写明这份文件的{what}。",
        "The text held here does not state this document's {what}.",
    ),
    "which_document": (
        "收录的文件不止一份，请说明问的是哪一份：{titles}。",
        "Several documents are held; which one: {titles}?",
    ),
    "other_documents": (
        "其他收录的文件也有这一条：{titles}；要查那一份，请在问题里写上文号或文件名。",
        "Other documents have this article too: {titles}; name the document to see it.",
    ),
    "too_little": (
        "“{text}”太短，看不出想问什么。请用一句话说说想办什么事，或者想查哪一条，例如“第十四条”。",
        "“{text}” is too little to go by. Please say in a sentence what you want to do, or which article you want.",
    ),
    "read_as": (
        "按“{text}”查的：原来的写法里像是有错别字或拼音。",
        "Looked up as “{text}”: the question seems to hold a slip of the keyboard or pinyin.",
    ),
    "no_focus": ("请说明问的是哪一条，例如“第十四条”。", "Please say which article, for example article 14."),
    "aligned": ("上位文件对应条款：{name}{labels}。", "Above it: {name} {labels}."),
    "aligned_in_part": (
        "上位文件对应条款：{name}{labels}（部分对应）。",
        "Above it: {name} {labels} (in part).",
    ),
    "aligned_several": ("上位文件（{name}）对应条款：{pairs}。", "Above them ({name}): {pairs}."),
    "aligned_pair": ("{clause}对应{labels}", "{clause} ↔ {labels}"),
    "aligned_pair_in_part": ("{clause}部分对应{labels}", "{clause} ↔ {labels} in part"),
    "aligned_basis": (
        "{basis}。",
        "{basis} (put together by comparing both texts; not an official table).",
    ),
    "aligned_whole": (
        "甘肃的实施意见 {count} 条与{name}的对应关系如下：",
        "How the {count} articles correspond to {name}:",
    ),
    "no_table": (
        "没有与{name}逐条对照的记录，只有与国办发〔2014〕54号的对照。",
        "There is no table of correspondence with {name}, only with 国办发〔2014〕54号.",
    ),
    "not_aligned": (
        "没有这一条与上位文件的对照记录。",
        "There is no record of what stands above this article.",
    ),
    "pair_direct": (
        "{label}对应{name}{parents}：{reason}。",
        "{label} corresponds to {name} {parents}: {reason}.",
    ),
    "pair_partial": (
        "{label}只部分对应{name}{parents}：{reason}。",
        "{label} corresponds in part to {name} {parents}: {reason}.",
    ),
    "pair_none": (
        "{label}在{name}里没有直接对应的条款：{reason}。",
        "{label} has no counterpart in {name}: {reason}.",
    ),
    "pair_added": ("{added}是甘肃自己加的。", "Gansu itself added: {added}."),
    "line_direct": ("{label}：对应{parents}，{reason}", "{label}: {parents}; {reason}"),
    "line_partial": ("{label}：部分对应{parents}，{reason}", "{label}: {parents} in part; {reason}"),
    "line_none": ("{label}：{reason}", "{label}: {reason}"),
    "line_added": ("；甘肃自己加的有{added}", "; added: {added}"),
    "below": (
        "{name}{label}在甘肃的实施意见里对应 {count} 条：",
        "{name} {label} corresponds to {count} article(s) of Gansu's policy:",
    ),
    "below_none": (
        "{name}{label}在甘肃的实施意见里没有单独对应的条。",
        "{name} {label} has no article of its own in Gansu's policy.",
    ),
    "parent_lacks": ("{name}没有{label}这一条。", "{name} has no {label}."),
    "added": (
        "甘肃的实施意见 {count} 条里，{name}没有直接对应条款的有 {alone} 条",
        "Of the {count} articles, {alone} have no counterpart in {name}",
    ),
    "added_only": ("：", ":"),
    "added_partly": (
        "，有对应但甘肃另加了内容的有 {count} 条：",
        "; {count} have one and add something:",
    ),
    "not_singled_out": (
        "{name}的 {count} 条里，甘肃的实施意见完全没有对应的有 {missing} 条，没有单列成条的有 {alone} 条：",
        "Of the {count} articles of {name}, {missing} have no counterpart and {alone} no article of their own:",
    ),
    "went_into": ("{label}，甘肃把它{where}：", "{label}: {where}:"),
    "went_in": ("上位文件的这一条{where}", "the parent's article: {where}"),
    "nowhere": ("没有写进去", "not taken up"),
    "sections": (
        "甘肃的实施意见这一部分是“{own}”，{name}的这一部分是“{above}”。甘肃这一部分各条：",
        "The part is “{own}”; in {name} it is “{above}”. Its articles:",
    ),
    "since_then": ("{about}，后来有变化：{text}", "Since then ({about}): {text}"),
    "no_change_known": (
        "没有记录到{labels}后来的变化，这不等于没有变化，办事前请向牵头部门核实。",
        "No later change of {labels} is recorded, which does not mean that there was none; please ask the lead.",
    ),
    "was_written": ("{label}当时是这样写的：", "{label} said:"),
    "validity_known": ("{name}的效力情况：{text}。", "What is known of whether {name} is in force: {text}."),
    "validity_unknown": (
        "{name}现在是否有效，没有查到记录（未核对）。",
        "Whether {name} is in force is not known (unverified).",
    ),
    "zones": ("收录的情况提要是这样写的：", "The digest held here says:"),
    "zone_absent": (
        "{places}不在收录的甘肃国家级经开区名单里（名单如下，之后有无新增未核对）：",
        "{places} is not among the national-level zones recorded for Gansu (list below; later additions unverified):",
    ),
    "digest_lacks": (
        "{name}只收录了提要，里面没有第 {number} 条，查不到它的原文。",
        "{name} is held only as a digest, which has no article {number}.",
    ),
    "digest_bodies": (
        "提要里写到，条末列的单位是{names}（没有写谁牵头）。",
        "The digest lists {names} (without saying who leads).",
    ),
    "digest_counts": (
        "《{title}》只收录了提要，提要里有 {count} 条，不等于原文的条数。",
        "{title} is held only as a digest of {count} articles; the original may have more.",
    ),
    "digest_only": (
        "《{title}》{number}只收录了提要，没有原文。提要的内容：",
        "{title} {number} is held only as a digest. What it says:",
    ),
    "digest_points": (
        "{name}只收录了提要。它的要点全在下面，这里没有的就是没有收录：",
        "{name} is held only as a digest. These are all its points; what is not among them is not held:",
    ),
    "digest_some": (
        "引文里 {marks} 是提要，非原文。",
        "Of the quotes, {marks} are digests, not the original.",
    ),
    "document_changed": ("时效提示：{name}{text}。", "What is known of {name}: {text}."),
    "digest_no_bodies": (
        "提要没有列出责任部门，请查原文。",
        "The digest does not list the bodies in charge; see the original.",
    ),
    "term_over": (
        "时效提示：按《{title}》自己写的有效期，它到 {last} 已经届满，请向主管部门核实是否延续。",
        "By its own term {title} ended on {last}; please ask the authority whether it was extended.",
    ),
    "unverified": ("（未核对）", " (unverified)"),
    "currency": ("时效提示（{about}）：{text}", "What has changed ({about}): {text}"),
    "from_document": ("{name}：", "{name}:"),
    "digest_mark": ("（提要，非原文）", " (digest, not the original)"),
    "digest_unverified": ("（提要，非原文，未核对）", " (digest, not the original, unverified)"),
    "digest_link": ("{name}的原文见 {address} 。", "{name}, the original: {address}"),
    "digest": ("引用的是提要，非原文。", "What is quoted is a digest, not the original."),
    "colon": ("：", ": "),
    "semicolon": ("；", "; "),
    "in_brackets": ("（{text}）", " ({text})"),
    "topic_heading": ("**{topic}**：", "**{topic}**:"),
    "model_failed": (
        "（语言模型这次没有给出可核对的答复，以上是直接摘自条文的回答。）",
        "(The language model gave no answer that could be checked; the above is taken straight from the text.)",
    ),
    "bodies_named": (
        "原文没有写谁牵头、谁负责，写到的单位是：**{names}**（做什么见下面的原文）。",
        "The text lays down no lead; it names: **{names}** (see the quote for what they do).",
    ),
    "left_free": (
        "原文没有这样要求，下面是原文的说法，所以也没有相应的数额或时间。",
        "The text does not require this, see its words below, and so states no amount or time for it.",
    ),
    "forbidden": (
        "原文没有允许这样做，而是写明不可以，所以也没有相应的数额或时间。",
        "The text does not allow this, it forbids it, and so states no amount or time for it.",
    ),
    "model_broke_off": (
        "（语言模型的答复中途断了，断之前核对过的句子留在上面。）",
        "(The language model's reply broke off; the sentences checked before that are above.)",
    ),
    "error": ("出了点问题，这次没有答成。请再试一次。", "Something went wrong. Please try again."),
}


def say(key: str, language: str = "zh", **values: object) -> str:
    """One message in the user's language: say('thanks') → 不客气,…"""
    chinese, english = _MESSAGES[key]
    return (english if language == "en" else chinese).format(**values)


def keys() -> tuple[str, ...]:
    """All message keys, for tests."""
    return tuple(_MESSAGES)
