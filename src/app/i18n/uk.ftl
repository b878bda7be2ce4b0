# Address: ви (lower case), imperative of the plural.

# Every page
skip = Перейти до основного вмісту
help = Довідка
privacy = Конфіденційність
terms = Умови користування
error-title = Помилка: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = Мова:

# Who are you
sign-in-title = Увійти
sign-in-heading = Введіть свій номер телефону
sign-in-heading-email = Введіть електронну адресу
sign-in-heading-user-id = Введіть ID користувача
sign-in-heading-username = Введіть ім’я користувача
sign-in-lead = Ми надішлемо вам SMS із кодом для входу.
identifier-lead = Ми надішлемо SMS із кодом на номер телефону з вашого профілю.
signed-out-expired = Час сеансу минув, тому ми його завершили.
signed-out-too-many-sessions = Ви ввійшли на стількох пристроях, скільки можна використовувати одночасно, тому тут ми завершили сеанс.
signed-out-revoked = Цей сеанс завершено з іншого браузера.
signed-out-by-operator = Адміністратор завершив ваш сеанс.
signed-out-other = Ваш сеанс уже завершено.
code-too-old = Ви ввійшли, але сторінка, яку ви відкриваєте, спершу потребує нового коду.
code-not-by-sms = Ви ввійшли, але сторінка, яку ви відкриваєте, спершу потребує коду із SMS.
phone-label = Номер телефону
country-label = Країна або код країни
country-choose = Країна
phone-hint = Приклад: { $example }. Інші країни: почніть зі знака + і коду країни.
phone-hint-plain = Якщо вашої країни немає в списку, почніть зі знака + і коду країни.
email-label = Електронна адреса
user-id-label = ID користувача
username-label = Ім’я користувача
identifier-label = Ідентифікатор для входу
stay-label = Залишатися в системі
stay-hint = Лише на власному пристрої.
send-button = Надіслати код
sending = Надсилання…
sign-in-new = Уперше в { $brand }?
sign-in-new-link = Створити обліковий запис

# Sign up
sign-up-title = Створити обліковий запис
sign-up-heading = Створіть обліковий запис
sign-up-lead = Потрібен лише номер телефону. Щоб підтвердити його, ми надішлемо вам SMS із кодом.
name-label = Ім’я (необов’язково)
sign-up-have = Уже маєте обліковий запис?
sign-up-have-link = Увійти

# The code
code-title = Введіть код
code-heading = Введіть код
code-lead = SMS із { $length }‑значним кодом надійде на { $to }.
code-lead-other = SMS із { $length }‑значним кодом надійде на телефон користувача { $to }.
code-lead-email = Лист із { $length }‑значним кодом надійде, якщо в обліковому записі є електронна адреса.
number-ending = номер, що закінчується на { $digits }
mask-hidden = приховані символи
code-label = Код
code-button = Увійти
checking = Перевірка…
valid-for = Код дійсний ще { $time }
resent = Новий код уже в дорозі. Попередні коди більше не діють.
resent-email = Якщо код надійде електронною поштою, попередні коди більше не діятимуть.
expired-heading = Термін дії коду минув
expired-lead = Коди діють лише короткий час. Отримайте новий ({ $to }).
expired-lead-other = Коди діють лише короткий час. Отримайте новий на телефон користувача { $to }.
resend-question = Код не надійшов?
resend-button = Надіслати новий код
resend-button-sms = Надіслати новий код у SMS
resend-wait = Новий код можна отримати через { $time }.
resend-ready = Новий код уже можна отримати.
email-button = Отримати код електронною поштою
other-number = Ввести інший номер
other-identifier = Почати спочатку
blocked-heading = Забагато спроб
blocked-lead = Для захисту вашого облікового запису зачекайте { $time }.
blocked-button = Спробувати ще раз
tries-left = { $count ->
    [0] У вас не залишилося спроб.
    [one] У вас залишилася { $count } спроба.
    [few] У вас залишилося { $count } спроби.
    [many] У вас залишилося { $count } спроб.
   *[other] У вас залишилося { $count } спроби.
}
code-help = Допомога з кодом
help-number = Перевірте номер вище. Ми надсилаємо коди лише на номери, пов’язані з обліковим записом.
help-number-sign-up = Перевірте номер вище. Ми надсилаємо код лише на нього.
help-identifier = Перевірте, що ви ввели. Ми надсилаємо код лише на номер телефону, збережений в обліковому записі.
help-wait = SMS може йти хвилину-дві. Перевірте, чи є зв’язок і чи не блокує телефон невідомих відправників.
help-email = Немає SMS? Код можна отримати електронною поштою. Ми надсилаємо його лише на адресу, збережену в обліковому записі. Перевірте також папку зі спамом. Кожен, хто може читати цю скриньку, може ввійти.
help-limits = Код діє { $lifetime }, на введення є { $tries ->
    [one] { $tries } спроба
    [few] до { $tries } спроб
    [many] до { $tries } спроб
   *[other] до { $tries } спроби
}. Новий код можна отримати через { $cooldown }, а на наступні доведеться чекати довше. Якщо неправильних кодів забагато, очікування може тривати { $lockout }.
help-weaker = SMS захищає гірше, ніж ключ доступу чи застосунок: повідомлення можна перехопити, а номер — привласнити. Нікому не повідомляйте код, навіть нам.
help-address = Ми просимо ввести код лише на { $host }. Ніколи не вводьте його деінде.
help-other-way = Запитати про інший спосіб входу

# The account
account-title = Ваш обліковий запис
account-heading = Ви ввійшли
account-number = Номер телефону
account-identifier = Ви ввійшли як
account-since = Початок сеансу
account-ends = Кінець сеансу
account-idle = Раніше, якщо { $time } не буде активності.
sign-out-button = Вийти
new-browser-heading = Перший вхід із цього браузера
new-browser-text = Якщо бачите нижче не свій браузер, завершіть його сеанс.
new-device-heading = Вхід із нового браузера
new-device-text = { $device }, { $time }.
new-device-advice = Якщо це були не ви, завершіть нижче всі інші сеанси та зверніться до служби підтримки.
absent-heading = З поверненням
absent-text = Попередній вхід: { $time }. Якщо щойно ввійшли не ви, завершіть нижче всі інші сеанси.
sessions-heading = Де ви ввійшли
session-on = { $browser } на { $system }
session-unknown = Невідомий браузер
session-current = Цей браузер
session-seen = Остання активність: { $time }
session-since = Вхід: { $time }
session-end = Завершити
sessions-others = Завершити всі інші
idle-heading = Ви ще тут?
idle-text = Ми завершимо сеанс через { $time }.
idle-at = Якщо не буде активності, ми завершимо сеанс: { $time }.
idle-button = Залишитися в системі

# Sign out
sign-out-title = Вийти
sign-out-heading = Вийти із системи?
sign-out-lead = Щоб увійти знову, знадобиться новий код.
sign-out-back = Залишитися в системі
signed-out-title = Вихід виконано
signed-out-heading = Ви вийшли із системи
signed-out-lead = У цьому браузері немає активного сеансу.
signed-out-button = Назад до входу

# Elsewhere
not-found-title = Сторінку не знайдено
not-found-lead = За цією адресою нічого немає. Перевірте її або почніть спочатку.
start-button = На початкову сторінку
failure-title = Щось пішло не так
failure-refused = Ми не можемо це прийняти
failure-unreadable = Ми не змогли це прочитати
failure-wait = Трохи зачекайте
failure-unavailable = Зараз це неможливо
failure-reference = Звертаючись до служби підтримки, назвіть цей номер:
ticket-error-used = Спробуймо ще раз
ticket-error-used-lead = Це посилання діє лише один раз, протягом пів хвилини та в одному браузері. Нічого не втрачено.
ticket-error-no-cookie = Дозвольте файли cookie
ticket-error-no-cookie-lead = Браузер не зберіг файл cookie, потрібний для входу. Дозвольте файли cookie для цього сайту й спробуйте ще раз.

# Why not
refusal-unreadable = Ми не змогли прочитати надіслані дані. Спробуйте ще раз.
refusal-too-large = Це задовгий текст. Скоротіть його й спробуйте ще раз.
refusal-malformed = Чогось бракує. Заповніть поле й спробуйте ще раз.
refusal-invalid-phone = Це не схоже на повний номер телефону. Перевірте країну та цифри.
refusal-invalid-email = Це не схоже на повну електронну адресу. Перевірте її та спробуйте ще раз.
refusal-invalid-identifier = Схоже, тут чогось бракує. Перевірте й спробуйте ще раз.
refusal-confirm-number = Номер { $number } правильний? Якщо так, надішліть його ще раз. Якщо ні, виправте його.
refusal-confirm-number-plain = Номер правильний? Якщо так, надішліть його ще раз. Якщо ні, виправте його.
refusal-country-not-served = На такі номери ми не можемо надсилати SMS. Введіть мобільний номер країни зі списку.
refusal-channel-not-offered = Коди тут так не надходять. Отримайте новий у SMS.
refusal-invalid-code-format = Введіть усі цифри коду з повідомлення.
refusal-code-refused = Цей код не підійшов. Перевірте його або отримайте новий.
refusal-not-signed-in = Сеанс завершено. Увійдіть, щоб продовжити.
refusal-flow-expired = Термін дії коду минув. Отримайте новий.
refusal-no-flow = Минуло забагато часу. Почніть спочатку.
refusal-stale-flow = У цьому браузері вже розпочато новіший вхід, тому для попереднього ми нічого не перевіряли й не надсилали. Введіть найновіший код або почніть спочатку.
refusal-cookies-blocked = Браузер не зберіг файл cookie цієї сторінки, тому нічого не надіслано. Дозвольте файли cookie для цього сайту й спробуйте ще раз.
refusal-cross-origin = Цей запит надійшов з іншої адреси. Відкрийте сторінку входу й спробуйте ще раз.
refusal-forbidden = Ваш обліковий запис не має доступу до цієї сторінки. Якщо він має бути, зверніться до служби підтримки цього застосунку.
refusal-slow-down = З міркувань безпеки коди можна надсилати й вводити лише кілька разів поспіль. Зачекайте { $time }, а потім спробуйте ще раз.
refusal-slow-down-plain = З міркувань безпеки коди можна надсилати й вводити лише кілька разів поспіль. Трохи зачекайте, а потім спробуйте ще раз.
slow-down-network = З вашої мережі надійшло багато запитів.
slow-down-country = До цієї країни чи регіону надіслано багато кодів.
slow-down-service = Зараз ми надсилаємо дуже багато кодів.
slow-down-resend = Ви вже запросили код.
slow-down-repeated = Цю дію виконано кілька разів за короткий час.
slow-down-wait = Зачекайте { $time }, а потім спробуйте ще раз.
refusal-unavailable = Проблема на нашому боці, нічого не втрачено. Спробуйте ще раз через { $time }.
refusal-unavailable-plain = Проблема на нашому боці, нічого не втрачено. Спробуйте ще раз через кілька хвилин.
refusal-network = Не вдалося зв’язатися із сервісом. Перевірте з’єднання й спробуйте ще раз.
refusal-timeout = Сервіс не відповів вчасно. Перевірте з’єднання й спробуйте ще раз.

# Time
seconds = { $count ->
    [one] { $count } секунду
    [few] { $count } секунди
    [many] { $count } секунд
   *[other] { $count } секунди
}
minutes = { $count ->
    [one] { $count } хвилину
    [few] { $count } хвилини
    [many] { $count } хвилин
   *[other] { $count } хвилини
}
hours = { $count ->
    [one] { $count } годину
    [few] { $count } години
    [many] { $count } годин
   *[other] { $count } години
}
days = { $count ->
    [one] { $count } день
    [few] { $count } дні
    [many] { $count } днів
   *[other] { $count } дня
}
date = { $day } { $month } { $year } р., { $clock } UTC
month-1 = січня
month-2 = лютого
month-3 = березня
month-4 = квітня
month-5 = травня
month-6 = червня
month-7 = липня
month-8 = серпня
month-9 = вересня
month-10 = жовтня
month-11 = листопада
month-12 = грудня

# The text message. GSM-7 characters where the language allows.
message = Код { $app }: { $otp }. Нікому його не кажіть.
