"""Pages as the content systems of government sites lay them out, written for the tests."""

from __future__ import annotations

TITLE = "甘肃省人民政府办公厅关于促进国家级经济技术开发区转型升级创新发展的实施意见"
OPENING = "为贯彻落实《国务院办公厅关于促进国家级经济技术开发区转型升级创新发展的若干意见》（国办发〔2014〕54号），现提出如下实施意见。"
FIRST = "（一）明确发展定位。深入贯彻党的十八大精神，努力把我省国家级经开区建设成为重要载体。（省发展改革委牵头，省商务厅、省国土资源厅等部门配合）"
SECOND = "（二）转变发展方式。国家级经开区要坚持建设开发与经营发展并重，实现由追求速度向追求质量转变。（省商务厅牵头，兰州海关配合）"
BODY = [
    "各市、自治州人民政府，兰州新区管委会，省政府有关部门：",
    OPENING,
    "一、明确新形势下的发展方向",
    FIRST,
    SECOND,
    "甘肃省人民政府办公厅",
    "2015年1月27日",
]
PARAGRAPHS = "\n".join(f'<p style="text-indent:2em">　　{line}</p>' for line in BODY)

_NAV = '<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zw">政务公开</a></li><li><a href="/fw">办事服务</a></li></ul></div>'
_CRUMBS = '<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/zc">政策文件</a></div>'
_SHARE = '<div class="share bdsharebuttonbox"><a href="#">分享到微信</a><a href="#">微博</a></div>'
_FOOT = (
    '<div class="footer">主办：甘肃省人民政府办公厅 网站标识码：6200000001 <a href="/map">网站地图</a></div>'
)
_RELATED = '<div class="xgwj"><h3>相关文件</h3><ul><li><a href="/1.html">关于另一件事的通知，请各地、各部门遵照执行。</a></li></ul></div>'

# A record table over the text, text in #UCAP-CONTENT, related files and a QR code below.
RECORD_PAGE = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{TITLE}_政策文件_甘肃省人民政府</title>
<meta name="ArticleTitle" content="{TITLE}"><meta name="PubDate" content="2015-03-13 09:30:00"><meta name="ColumnName" content="政策文件">
<link rel="canonical" href="https://www.example.gov.cn/c1/content_1.html">
<script>document.write('不要读我');</script><style>.a{{color:red}}</style></head><body>{_NAV}{_CRUMBS}
<table class="bd1"><tbody><tr><td><b>索 引 号：</b></td><td>000014349/2015-00052</td><td><b>主题分类：</b></td><td>国民经济管理</td></tr>
<tr><td><b>发文机关：</b></td><td>甘肃省人民政府办公厅</td><td><b>成文日期：</b></td><td>2015年01月27日</td></tr>
<tr><td><b>标　　题：</b></td><td colspan="3">{TITLE}</td></tr>
<tr><td><b>发文字号：</b></td><td>甘政办发〔2015〕10号</td><td><b>发布日期：</b></td><td>2015年03月13日</td></tr></tbody></table>
<div id="UCAP-CONTENT" class="pages_content">{PARAGRAPHS}<!-- 注释 --><div class="ewm">扫一扫在手机打开当前页</div></div>
{_SHARE}{_RELATED}{_FOOT}</body></html>"""

# TRS: title and an information line over the text, font size and print buttons, attachments below it.
TRS_PAGE = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>{TITLE}</title></head>
<body>{_NAV}<div class="detail"><h1>{TITLE}</h1><div class="info"><span>发布日期：2015-03-13</span> <span>来源：省政府办公厅</span> <span>浏览次数：<em id="hits">3</em></span>
<span>字体：【<a>大</a> <a>中</a> <a>小</a>】</span><span class="print">打印本页</span></div>
<div class="TRS_Editor"><style>p{{}}</style>{PARAGRAPHS}</div>
<div class="fujian"><p>附件：</p><a href="P020150313.docx">附件1：重点任务分工表.docx</a><br><a href="P020150314.pdf">附件2：名单.pdf</a></div>
<div class="xgjd">相关解读：<a href="/jd.html">一图读懂实施意见</a></div></div>{_FOOT}</body></html>"""

# Old site: everything in layout tables, lines divided by br, no names to go by.
OLD_PAGE = f"""<html><head><title>{TITLE}-某市政府网</title></head><body><form><table width="100%"><tr><td><a href="/">首页</a>|<a href="/a">新闻，动态</a>|<a href="/b">公告，公示</a></td></tr></table>
<table><tr><td width="160"><ul><li><a href="/1">栏目一</a></li><li><a href="/2">栏目二</a></li></ul></td><td>
<table><tr><td align="center"><b>{TITLE}</b></td></tr><tr><td>发布时间：2015-03-13&nbsp;&nbsp;点击数：25&nbsp;&nbsp;【字体：大 中 小】</td></tr>
<tr><td>{"<br>".join("&nbsp;&nbsp;&nbsp;&nbsp;" + line for line in BODY)}<br></td></tr>
<tr><td>上一篇：<a href="/3">没有了</a> 下一篇：<a href="/4">关于另一件事的通知</a></td></tr></table></td></tr></table>
<table><tr><td>版权所有：某市人民政府办公室 ICP备12345号</td></tr></table></form></body></html>"""

# Modern page: labelled list as record, text in an article, a duty table with merged cells, an ordered list.
MODERN_PAGE = """<!doctype html><html><head><meta charset="UTF-8"></head><body><header><a href="/">某省人民政府</a></header>
<nav>导航，导航，导航，导航。</nav><main><ul class="record"><li><b>发文字号：</b>某政办发〔2021〕93号</li><li>成文日期：2021-10-09</li><li>有效性：有效</li></ul>
<h1 class="title">某省人民政府办公厅<br>关于印发重点任务分工方案的通知</h1>
<div class="article-content"><p>各市、县人民政府：</p><p>现将《重点任务分工方案》印发给你们，请认真
贯彻执行。</p><ol><li>切实加强领导。</li><li value="3">及时报送进展。</li></ol>
<table><thead><tr><th>序号</th><th>重点任务</th><th>责任单位</th></tr></thead><tbody>
<tr><td>1</td><td>健全考核体系</td><td rowspan="2">省统计局<br>省财政厅</td></tr><tr><td>2</td><td><p>创新</p><p>体制机制</p></td></tr></tbody></table>
<p>（此件公开发布）</p><p style="display:none">隐藏的字</p></div>
<div class="share">分享</div></main><footer>版权所有，未经授权，禁止转载。</footer></body></html>"""
