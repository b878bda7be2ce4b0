# Address: 您; words of mainland China.

# Every page
skip = 跳到主要内容
help = 帮助
privacy = 隐私政策
terms = 使用条款
error-title = 错误：{ $title }
# The switcher of languages, followed by the name of the current language.
language-label = 语言：

# Who are you
sign-in-title = 登录
sign-in-heading = 输入手机号码
sign-in-heading-email = 输入电子邮箱地址
sign-in-heading-user-id = 输入用户 ID
sign-in-heading-username = 输入用户名
sign-in-lead = 我们会给您发送短信验证码，用于登录。
identifier-lead = 我们会将短信验证码发送到您个人资料中的手机号码。
signed-out-expired = 登录已过期，因此您已退出登录。
signed-out-too-many-sessions = 您登录的设备数已达到同时使用的上限，因此此处已退出登录。
signed-out-revoked = 您已从另一个浏览器退出了此处的登录。
signed-out-by-operator = 管理员已将您退出登录。
signed-out-other = 您已不在登录状态。
code-too-old = 您已登录，但打开该页面前需要先输入新的验证码。
code-not-by-sms = 您已登录，但打开该页面前需要先输入短信验证码。
phone-label = 手机号码
country-label = 国家/地区或区号
country-choose = 国家/地区
phone-hint = 例如：{ $example }。其他国家/地区请以 + 和区号开头。
phone-hint-plain = 如果列表中没有您的国家/地区，请以 + 和区号开头。
email-label = 电子邮箱地址
user-id-label = 用户 ID
username-label = 用户名
identifier-label = 登录 ID
stay-label = 保持登录状态
stay-hint = 请仅在您自己的设备上勾选。
send-button = 发送验证码
sending = 正在发送…
sign-in-new = 第一次使用 { $brand }？
sign-in-new-link = 创建账号

# Sign up
sign-up-title = 创建账号
sign-up-heading = 创建您的账号
sign-up-lead = 只需一个手机号码。我们会发送短信验证码来确认。
name-label = 姓名（选填）
sign-up-have = 已有账号？
sign-up-have-link = 登录

# The code
code-title = 输入验证码
code-heading = 输入验证码
code-lead = { $length }位验证码将通过短信发送到 { $to }。
code-lead-other = { $length }位验证码将通过短信发送到 { $to } 的手机。
code-lead-email = 如果您的账号有电子邮箱地址，{ $length }位验证码将通过电子邮件发送。
number-ending = 尾号为{ $digits }的号码
mask-hidden = 隐藏的字符
code-label = 验证码
code-button = 登录
checking = 正在验证…
valid-for = 验证码剩余有效时间：{ $time }
resent = 新的验证码正在发送，之前的验证码已失效。
resent-email = 如果通过电子邮件收到验证码，之前的验证码将失效。
expired-heading = 验证码已过期
expired-lead = 验证码仅在短时间内有效。请为 { $to } 获取新的验证码。
expired-lead-other = 验证码仅在短时间内有效。请获取新的验证码，它会发送到 { $to } 的手机。
resend-question = 没有收到验证码？
resend-button = 发送新的验证码
resend-button-sms = 通过短信发送新的验证码
resend-wait = { $time }后可获取新的验证码。
resend-ready = 现在可以获取新的验证码。
email-button = 改用电子邮件接收验证码
other-number = 使用其他号码
other-identifier = 重新开始
blocked-heading = 尝试次数过多
blocked-lead = 为保护您的账号，请等待{ $time }。
blocked-button = 重试
tries-left = { $count ->
    [0] 您已没有尝试机会。
   *[other] 您还可以尝试{ $count }次。
}
code-help = 验证码帮助
help-number = 请检查上方的号码。我们只向已有账号的号码发送验证码。
help-number-sign-up = 请检查上方的号码。我们只向该号码发送验证码。
help-identifier = 请检查您输入的内容。我们只向账号中保存的手机号码发送验证码。
help-wait = 短信可能需要一两分钟才能送达。请检查手机信号，以及手机是否拦截了陌生号码的短信。
help-email = 没有收到短信？您可以通过电子邮件接收验证码。我们只发送到账号中保存的地址。请同时检查垃圾邮件文件夹。能够阅读该邮箱的任何人都可以登录。
help-limits = 验证码在{ $lifetime }内有效，最多可尝试{ $tries }次。{ $cooldown }后可获取新的验证码，之后再次获取需要等待更久。验证码输错次数过多时，可能需要等待{ $lockout }。
help-weaker = 短信不如通行密钥或应用安全：短信可能被截获，号码也可能被他人盗用。切勿将验证码告诉任何人，包括我们。
help-address = 我们只在 { $host } 上要求输入验证码。请勿在其他任何地方输入。
help-other-way = 咨询其他登录方式

# The account
account-title = 您的账号
account-heading = 您已登录
account-number = 手机号码
account-identifier = 登录身份
account-since = 登录时间
account-ends = 登录到期时间
account-idle = 如果您{ $time }内没有操作，会提前到期。
sign-out-button = 退出登录
new-browser-heading = 首次使用此浏览器登录
new-browser-text = 如果您在下方看到不属于您的浏览器，请将其退出登录。
new-device-heading = 有新的浏览器登录
new-device-text = { $device }，{ $time }
new-device-advice = 如果这不是您本人操作，请在下方将其他浏览器全部退出登录，并联系支持团队。
absent-heading = 欢迎回来
absent-text = 您上次登录的时间：{ $time }。如果刚才不是您本人登录，请在下方将其他浏览器全部退出登录。
sessions-heading = 您已登录的浏览器
session-on = { $system } 上的 { $browser }
session-unknown = 未知浏览器
session-current = 此浏览器
session-seen = 上次使用：{ $time }
session-since = 登录时间：{ $time }
session-end = 退出登录
sessions-others = 退出所有其他浏览器
idle-heading = 您还在吗？
idle-text = 您将在{ $time }后退出登录。
idle-at = 如果没有操作，您将在以下时间退出登录：{ $time }
idle-button = 保持登录状态

# Sign out
sign-out-title = 退出登录
sign-out-heading = 要退出登录吗？
sign-out-lead = 再次登录时需要新的验证码。
sign-out-back = 保持登录状态
signed-out-title = 已退出登录
signed-out-heading = 您已退出登录
signed-out-lead = 此浏览器中没有人登录。
signed-out-button = 返回登录页

# Elsewhere
not-found-title = 找不到页面
not-found-lead = 此网址没有任何内容。请检查网址，或重新开始。
start-button = 返回首页
failure-title = 出了点问题
failure-refused = 我们无法接受此请求
failure-unreadable = 我们无法读取此请求
failure-wait = 请稍候
failure-unavailable = 暂时无法完成此操作
failure-reference = 如果联系支持团队，请提供此编号：
ticket-error-used = 请再试一次
ticket-error-used-lead = 此链接只能在半分钟内、在一个浏览器中使用一次。没有丢失任何内容。
ticket-error-no-cookie = 请允许使用 Cookie
ticket-error-no-cookie-lead = 您的浏览器没有保存用于在此登录的 Cookie。请允许此网站使用 Cookie，然后重试。

# Why not
refusal-unreadable = 我们无法读取您发送的内容。请重试。
refusal-too-large = 内容太长。请缩短后重试。
refusal-malformed = 有内容未填写。请填写后重试。
refusal-invalid-phone = 这似乎不是完整的手机号码。请检查国家/地区和号码数字。
refusal-invalid-email = 这似乎不是完整的电子邮箱地址。请检查后重试。
refusal-invalid-identifier = 内容似乎不完整。请检查后重试。
refusal-confirm-number = { $number } 是正确的号码吗？如果正确，请再次提交；如果不正确，请更正。
refusal-confirm-number-plain = 号码正确吗？如果正确，请再次提交；如果不正确，请更正。
refusal-country-not-served = 我们无法向此类号码发送短信。请使用列表中国家/地区的手机号码。
refusal-channel-not-offered = 此处不通过该方式发送验证码。请通过短信获取新的验证码。
refusal-invalid-code-format = 请输入消息中验证码的全部数字。
refusal-code-refused = 此验证码无法使用。请检查，或获取新的验证码。
refusal-not-signed-in = 您未登录。请登录以继续。
refusal-flow-expired = 验证码已过期。请获取新的验证码。
refusal-no-flow = 等待时间过长，请重新开始。
refusal-stale-flow = 您在此浏览器中开始了新的登录，因此对于之前的登录，我们没有进行验证，也没有发送任何内容。请使用最新的验证码，或重新开始。
refusal-cookies-blocked = 您的浏览器没有保存此页面的 Cookie，因此没有发送任何内容。请允许此网站使用 Cookie，然后重试。
refusal-cross-origin = 此请求来自其他网址。请打开登录页面后重试。
refusal-forbidden = 您的账号无权访问此页面。如果应有权限，请联系此应用的支持团队。
refusal-slow-down = 出于安全考虑，验证码只能连续发送和尝试几次。请等待{ $time }，然后重试。
refusal-slow-down-plain = 出于安全考虑，验证码只能连续发送和尝试几次。请稍等片刻，然后重试。
slow-down-network = 您的网络发来了很多请求。
slow-down-country = 已向该国家或地区发送了很多验证码。
slow-down-service = 我们目前正在发送大量验证码。
slow-down-resend = 您已经请求过验证码。
slow-down-repeated = 该操作在短时间内进行了多次。
slow-down-wait = 请等待{ $time }，然后重试。
refusal-unavailable = 问题出在我们这边，没有丢失任何内容。请在{ $time }后重试。
refusal-unavailable-plain = 问题出在我们这边，没有丢失任何内容。请几分钟后重试。
refusal-network = 我们无法连接到服务。请检查您的网络连接，然后重试。
refusal-timeout = 服务没有及时响应。请检查您的网络连接，然后重试。

# Time
seconds = { $count ->
   *[other] { $count }秒
}
minutes = { $count ->
   *[other] { $count }分钟
}
hours = { $count ->
   *[other] { $count }小时
}
days = { $count ->
   *[other] { $count }天
}
date = { $year }年{ $month }{ $day }日 { $clock } UTC
month-1 = 1月
month-2 = 2月
month-3 = 3月
month-4 = 4月
month-5 = 5月
month-6 = 6月
month-7 = 7月
month-8 = 8月
month-9 = 9月
month-10 = 10月
month-11 = 11月
month-12 = 12月

# The text message. GSM-7 characters where the language allows.
message = { $app } 验证码：{ $otp }，请勿告诉任何人。
