# Address: です and ます without a pronoun; buttons are nouns or short verbs.

# Every page
skip = メインコンテンツへ移動
help = ヘルプ
privacy = プライバシー
terms = 利用規約
error-title = エラー：{ $title }
# The switcher of languages, followed by the name of the current language.
language-label = 言語：

# Who are you
sign-in-title = ログイン
sign-in-heading = 電話番号を入力
sign-in-heading-email = メールアドレスを入力
sign-in-heading-user-id = ユーザーIDを入力
sign-in-heading-username = ユーザー名を入力
sign-in-lead = ログイン用のコードをSMSでお送りします。
identifier-lead = プロフィールの電話番号に、コードをSMSでお送りします。
signed-out-expired = セッションの有効期限が切れたため、ログアウトしました。
signed-out-too-many-sessions = 同時に使える端末数の上限に達しているため、この端末からログアウトしました。
signed-out-revoked = 別のブラウザから、このブラウザのログアウトが行われました。
signed-out-by-operator = 管理者によってログアウトされました。
signed-out-other = 現在はログインしていません。
code-too-old = ログイン中ですが、このページを開くには新しいコードが必要です。
code-not-by-sms = ログイン中ですが、このページを開くには先にSMSのコードが必要です。
phone-label = 電話番号
country-label = 国・地域または国番号
country-choose = 国・地域
phone-hint = 例：{ $example }。ほかの国は「+」と国番号から入力してください。
phone-hint-plain = 一覧にない国は「+」と国番号から入力してください。
email-label = メールアドレス
user-id-label = ユーザーID
username-label = ユーザー名
identifier-label = ログインID
stay-label = ログインしたままにする
stay-hint = ご自身の端末でのみ選択してください。
send-button = コードを送信
sending = 送信中…
sign-in-new = { $brand }を初めてご利用ですか？
sign-in-new-link = アカウントを作成

# Sign up
sign-up-title = アカウントを作成
sign-up-heading = アカウントを作成
sign-up-lead = 必要なのは電話番号だけです。確認用のコードをSMSでお送りします。
name-label = 名前（任意）
sign-up-have = アカウントをお持ちですか？
sign-up-have-link = ログイン

# The code
code-title = コードを入力
code-heading = コードを入力
code-lead = { $to }に届くSMSで、{ $length }桁のコードをご確認ください。
code-lead-other = { $to }の電話に届くSMSで、{ $length }桁のコードをご確認ください。
code-lead-email = アカウントにメールアドレスがある場合は、メールで届く{ $length }桁のコードをご確認ください。
number-ending = 末尾が{ $digits }の番号
mask-hidden = 非表示の文字
code-label = コード
code-button = ログイン
checking = 確認中…
valid-for = コードの有効期限まであと{ $time }
resent = 新しいコードを送信しています。以前のコードは使えません。
resent-email = メールでコードが届くと、以前のコードは使えません。
expired-heading = コードの期限切れです
expired-lead = コードは短い時間だけ有効です。{ $to }用の新しいコードを取得してください。
expired-lead-other = コードは短い時間だけ有効です。{ $to }の電話に届く新しいコードを取得してください。
resend-question = コードが届きませんか？
resend-button = 新しいコードを送信
resend-button-sms = 新しいコードをSMSで送信
resend-wait = あと{ $time }で新しいコードを取得できます。
resend-ready = 新しいコードを取得できます。
email-button = コードをメールで受け取る
other-number = 別の番号を使う
other-identifier = 最初からやり直す
blocked-heading = 試行回数の上限です
blocked-lead = アカウントを守るため、あと{ $time }お待ちください。
blocked-button = もう一度試す
tries-left = { $count ->
    [0] これ以上は試せません。
   *[other] あと{ $count }回試せます。
}
code-help = コードについてのヘルプ
help-number = 上の番号をご確認ください。コードは、アカウントのある番号にのみ送信されます。
help-number-sign-up = 上の番号をご確認ください。コードは、この番号にのみ送信されます。
help-identifier = 入力した内容をご確認ください。コードは、アカウントに登録された電話番号にのみ送信されます。
help-wait = SMSが届くまで1、2分かかることがあります。電波の状態と、知らない送信元をブロックする設定をご確認ください。
help-email = SMSが届かない場合は、コードをメールで受け取れます。アカウントに登録されたアドレスにのみ送信されます。迷惑メールフォルダもご確認ください。そのメールを読める人は誰でもログインできます。
help-limits = コードの有効時間は{ $lifetime }で、{ $tries }回まで試せます。新しいコードは{ $cooldown }後に取得できます。2回目以降は待ち時間が長くなります。間違ったコードが続くと、{ $lockout }お待ちいただくことがあります。
help-weaker = SMSは、パスキーやアプリほど安全ではありません。メッセージを盗み見られたり、電話番号を乗っ取られたりすることがあります。コードは誰にも（当サービスにも）教えないでください。
help-address = コードの入力をお願いするのは{ $host }だけです。ほかの場所では入力しないでください。
help-other-way = ほかのログイン方法を問い合わせる

# The account
account-title = アカウント
account-heading = ログインしています
account-number = 電話番号
account-identifier = ログイン中のユーザー
account-since = ログイン日時
account-ends = セッションの終了
account-idle = { $time }操作がない場合は、それより早く終了します。
sign-out-button = ログアウト
new-browser-heading = このブラウザからの初めてのログイン
new-browser-text = 下の一覧に心当たりのないブラウザがあれば、ログアウトさせてください。
new-device-heading = 新しいブラウザからのログイン
new-device-text = { $device }、{ $time }
new-device-advice = 心当たりがない場合は、下でほかのブラウザをすべてログアウトさせ、サポートにご連絡ください。
absent-heading = おかえりなさい
absent-text = 前回のログイン：{ $time }。今回のログインに心当たりがない場合は、下でほかのブラウザをすべてログアウトさせてください。
sessions-heading = ログイン中のブラウザ
session-on = { $browser }（{ $system }）
session-unknown = 不明なブラウザ
session-current = このブラウザ
session-seen = 最終アクセス：{ $time }
session-since = ログイン：{ $time }
session-end = ログアウト
sessions-others = ほかをすべてログアウト
idle-heading = まだご利用中ですか？
idle-text = あと{ $time }でログアウトします。
idle-at = 操作がない場合は、次の日時にログアウトします：{ $time }
idle-button = ログインしたままにする

# Sign out
sign-out-title = ログアウト
sign-out-heading = ログアウトしますか？
sign-out-lead = もう一度ログインするには、新しいコードが必要です。
sign-out-back = ログインしたままにする
signed-out-title = ログアウトしました
signed-out-heading = ログアウトしました
signed-out-lead = このブラウザでは誰もログインしていません。
signed-out-button = ログイン画面に戻る

# Elsewhere
not-found-title = ページが見つかりません
not-found-lead = このアドレスには何もありません。アドレスを確認するか、最初からやり直してください。
start-button = 最初のページに戻る
failure-title = 問題が発生しました
failure-refused = 受け付けられませんでした
failure-unreadable = 読み取れませんでした
failure-wait = しばらくお待ちください
failure-unavailable = ただいまご利用いただけません
failure-reference = サポートへのお問い合わせの際は、この番号をお伝えください：
ticket-error-used = もう一度お試しください
ticket-error-used-lead = このリンクは、30秒以内に1回、1つのブラウザでだけ使えます。何も失われていません。
ticket-error-no-cookie = Cookieを許可してください
ticket-error-no-cookie-lead = ログインに必要なCookieが、ブラウザに保存されませんでした。このサイトのCookieを許可して、もう一度お試しください。

# Why not
refusal-unreadable = 送信された内容を読み取れませんでした。もう一度お試しください。
refusal-too-large = 長すぎます。短くして、もう一度お試しください。
refusal-malformed = 入力されていない項目があります。入力して、もう一度お試しください。
refusal-invalid-phone = 電話番号が正しく入力されていないようです。国と数字をご確認ください。
refusal-invalid-email = メールアドレスが正しく入力されていないようです。確認して、もう一度お試しください。
refusal-invalid-identifier = 正しく入力されていないようです。確認して、もう一度お試しください。
refusal-confirm-number = { $number }で間違いありませんか？正しければもう一度送信し、違っていれば修正してください。
refusal-confirm-number-plain = この番号で間違いありませんか？正しければもう一度送信し、違っていれば修正してください。
refusal-country-not-served = この種類の番号にはSMSを送信できません。一覧にある国の携帯電話番号をお使いください。
refusal-channel-not-offered = ここではその方法でコードは届きません。SMSで新しいコードを取得してください。
refusal-invalid-code-format = メッセージに記載されたコードの数字をすべて入力してください。
refusal-code-refused = このコードは使えませんでした。コードを確認するか、新しいコードを取得してください。
refusal-not-signed-in = ログインしていません。続けるにはログインしてください。
refusal-flow-expired = コードの有効期限が切れました。新しいコードを取得してください。
refusal-no-flow = 時間が経過したため、最初からやり直してください。
refusal-stale-flow = このブラウザで新しいログインが始まっているため、前のログインについては何も確認、送信していません。最新のコードを使うか、最初からやり直してください。
refusal-cookies-blocked = このページのCookieがブラウザに保存されなかったため、何も送信していません。このサイトのCookieを許可して、もう一度お試しください。
refusal-cross-origin = 別のアドレスからのリクエストでした。ログイン画面を開いて、もう一度お試しください。
refusal-forbidden = このアカウントには、このページを開く権限がありません。必要な場合は、このアプリケーションのサポートにお問い合わせください。
refusal-slow-down = 安全のため、コードの送信や入力を続けて行える回数には限りがあります。{ $time }待ってから、もう一度お試しください。
refusal-slow-down-plain = 安全のため、コードの送信や入力を続けて行える回数には限りがあります。しばらく待ってから、もう一度お試しください。
slow-down-network = お使いのネットワークから多くのリクエストがありました。
slow-down-country = この国または地域に多くのコードが送信されました。
slow-down-service = 現在、非常に多くのコードを送信しています。
slow-down-resend = すでにコードをリクエストしています。
slow-down-repeated = 短い時間に何度も行われました。
slow-down-wait = { $time }待ってから、もう一度お試しください。
refusal-unavailable = サービス側で問題が発生しています。何も失われていません。{ $time }後に、もう一度お試しください。
refusal-unavailable-plain = サービス側で問題が発生しています。何も失われていません。数分後に、もう一度お試しください。
refusal-network = サービスに接続できませんでした。接続を確認して、もう一度お試しください。
refusal-timeout = サービスから時間内に応答がありませんでした。接続を確認して、もう一度お試しください。

# Time
seconds = { $count ->
   *[other] { $count }秒
}
minutes = { $count ->
   *[other] { $count }分
}
hours = { $count ->
   *[other] { $count }時間
}
days = { $count ->
   *[other] { $count }日
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
message = { $app }のコード: { $otp }。誰にも教えないでください。
