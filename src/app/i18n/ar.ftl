# Address: second person; nouns of action where a verb would tell the reader’s gender.
# Every page
skip = انتقل إلى المحتوى الرئيسي
help = مساعدة
privacy = الخصوصية
terms = شروط الاستخدام
error-title = خطأ: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = اللغة:

# Who are you
sign-in-title = تسجيل الدخول
sign-in-heading = أدخل رقم هاتفك
sign-in-heading-email = أدخل بريدك الإلكتروني
sign-in-heading-user-id = أدخل معرّف المستخدم
sign-in-heading-username = أدخل اسم المستخدم
sign-in-lead = سنرسل إليك رمزًا في رسالة نصية لتسجيل الدخول.
identifier-lead = سنرسل رمزًا في رسالة نصية إلى الرقم المسجَّل في ملفك.
signed-out-expired = انتهت مدة جلستك، لذلك تم تسجيل خروجك.
signed-out-too-many-sessions = تسجيل الدخول مفتوح على أكبر عدد مسموح به من الأجهزة معًا، لذلك تم تسجيل خروجك هنا.
signed-out-revoked = تم تسجيل خروجك هنا من متصفح آخر.
signed-out-by-operator = تم تسجيل خروجك من قِبل الإدارة.
signed-out-other = لم تعد جلستك مفتوحة.
code-too-old = جلستك مفتوحة، لكن الصفحة المطلوبة تحتاج أولًا إلى رمز جديد.
code-not-by-sms = جلستك مفتوحة، لكن الصفحة المطلوبة تحتاج أولًا إلى رمز في رسالة نصية.
phone-label = رقم الهاتف
country-label = رمز البلد أو المنطقة
country-choose = البلد
phone-hint = مثال: { $example }. للبلدان الأخرى: البدء بعلامة + ورمز البلد.
phone-hint-plain = إذا لم يكن بلدك في القائمة، فابدأ بعلامة + ورمز البلد.
email-label = البريد الإلكتروني
user-id-label = معرّف المستخدم
username-label = اسم المستخدم
identifier-label = معرّف تسجيل الدخول
stay-label = إبقاء الجلسة مفتوحة
stay-hint = على جهازك الخاص فقط.
send-button = إرسال الرمز
sending = جارٍ الإرسال…
sign-in-new = أليس لديك حساب في { $brand } بعد؟
sign-in-new-link = إنشاء حساب

# Sign up
sign-up-title = إنشاء حساب
sign-up-heading = أنشئ حسابك
sign-up-lead = يكفي رقم هاتفك. سنرسل إليك رمزًا في رسالة نصية لتأكيده.
name-label = الاسم (اختياري)
sign-up-have = لديك حساب بالفعل؟
sign-up-have-link = تسجيل الدخول

# The code
code-title = إدخال الرمز
code-heading = أدخل الرمز
code-lead = ستصلك رسالة نصية على { $to } فيها رمز من { $length ->
    [zero] { $length } رقم
    [one] رقم واحد
    [two] رقمين
    [few] { $length } أرقام
    [many] { $length } رقمًا
   *[other] { $length } رقم
}.
code-lead-other = ستصل إلى هاتف { $to } رسالة نصية فيها رمز من { $length ->
    [zero] { $length } رقم
    [one] رقم واحد
    [two] رقمين
    [few] { $length } أرقام
    [many] { $length } رقمًا
   *[other] { $length } رقم
}.
code-lead-email = ستصلك رسالة بالبريد الإلكتروني فيها رمز من { $length ->
    [zero] { $length } رقم
    [one] رقم واحد
    [two] رقمين
    [few] { $length } أرقام
    [many] { $length } رقمًا
   *[other] { $length } رقم
}، إذا كان لحسابك عنوان بريد.
number-ending = الرقم المنتهي بـ { $digits }
mask-hidden = أحرف مخفية
code-label = الرمز
code-button = تسجيل الدخول
checking = جارٍ التحقق…
valid-for = الرمز صالح لمدة { $time }
resent = رمز جديد في الطريق إليك. الرموز السابقة لم تعد صالحة.
resent-email = إذا وصل رمز بالبريد الإلكتروني فلن تعود الرموز السابقة صالحة.
expired-heading = انتهت صلاحية الرمز
expired-lead = الرموز صالحة لمدة قصيرة فقط. اطلب رمزًا جديدًا يصل إلى { $to }.
expired-lead-other = الرموز صالحة لمدة قصيرة فقط. اطلب رمزًا جديدًا يصل إلى هاتف { $to }.
resend-question = لم يصلك الرمز؟
resend-button = إرسال رمز جديد
resend-button-sms = إرسال رمز جديد في رسالة نصية
resend-wait = يمكنك طلب رمز جديد بعد { $time }.
resend-ready = يمكنك طلب رمز جديد الآن.
email-button = الحصول على الرمز بالبريد الإلكتروني
other-number = استخدام رقم آخر
other-identifier = البدء من جديد
blocked-heading = محاولات كثيرة جدًا
blocked-lead = لحماية حسابك، يرجى الانتظار { $time }.
blocked-button = المحاولة مجددًا
tries-left = { $count ->
    [zero] لم تبقَ لديك أي محاولة.
    [one] بقيت لديك محاولة واحدة.
    [two] بقيت لديك محاولتان.
    [few] بقيت لديك { $count } محاولات.
    [many] بقيت لديك { $count } محاولة.
   *[other] بقيت لديك { $count } محاولة.
}
code-help = مساعدة بشأن الرمز
help-number = تحقق من الرقم أعلاه. لا نرسل الرموز إلا إلى أرقام لها حساب.
help-number-sign-up = تحقق من الرقم أعلاه. لا نرسل الرمز إلا إليه.
help-identifier = تحقق مما كتبته. لا نرسل الرمز إلا إلى رقم الهاتف المحفوظ مع حساب.
help-wait = قد تستغرق الرسالة النصية دقيقة أو دقيقتين. تحقق من الشبكة، ومما إذا كان هاتفك يحظر المرسلين المجهولين.
help-email = لم تصل رسالة نصية؟ يمكن الحصول على الرمز بالبريد الإلكتروني بدلًا منها. لا نرسله إلا إلى العنوان المحفوظ مع حساب. تحقق أيضًا من مجلد البريد غير المرغوب فيه. كل من يقرأ هذا البريد يمكنه تسجيل الدخول.
help-limits = مدة صلاحية الرمز { $lifetime }، وعدد المحاولات المسموح بها { $tries ->
    [zero] { $tries }
    [one] محاولة واحدة
    [two] محاولتان
    [few] { $tries } محاولات
    [many] { $tries } محاولة
   *[other] { $tries } محاولة
}. يمكنك طلب رمز جديد بعد { $cooldown }، والرموز التالية بعد مدة أطول. بعد عدد كبير من الرموز الخاطئة قد تحتاج إلى الانتظار { $lockout }.
    .case-lifetime = nominative
help-weaker = الرسالة النصية أقل أمانًا من مفتاح المرور أو التطبيق: قد تُعترَض الرسائل، وقد يُستولى على الأرقام. لا تعطِ الرمز لأحد، ولا حتى لنا.
help-address = لا نطلب الرموز إلا على { $host }. لا تُدخلها في أي مكان آخر.
help-other-way = السؤال عن طريقة أخرى لتسجيل الدخول

# The account
account-title = حسابك
account-heading = أهلًا بك في حسابك
account-number = رقم الهاتف
account-identifier = الجلسة باسم
account-since = الجلسة مفتوحة منذ
account-ends = تنتهي الجلسة
account-idle = وقبل ذلك عند عدم النشاط لمدة { $time }.
sign-out-button = تسجيل الخروج
new-browser-heading = أول تسجيل دخول من هذا المتصفح
new-browser-text = إذا رأيت أدناه متصفحًا ليس لك، فسجّل خروجه.
new-device-heading = تسجيل دخول من متصفح جديد
new-device-text = { $device }، { $time }.
new-device-advice = إذا لم تكن أنت من فعل ذلك، فسجّل خروج كل المتصفحات الأخرى أدناه وتواصل مع الدعم.
absent-heading = سعداء بعودتك
absent-text = آخر تسجيل دخول لك كان في { $time }. إذا لم يكن هذا الدخول منك، فسجّل خروج كل المتصفحات الأخرى أدناه.
sessions-heading = جلساتك المفتوحة
session-on = { $browser } على { $system }
session-unknown = متصفح غير معروف
session-current = هذا المتصفح
session-seen = آخر نشاط: { $time }
session-since = تسجيل الدخول: { $time }
session-end = تسجيل الخروج
sessions-others = تسجيل خروج كل المتصفحات الأخرى
idle-heading = هل ما زلت هنا؟
idle-text = سيتم تسجيل خروجك بعد { $time }.
idle-at = عند عدم النشاط سيتم تسجيل خروجك في { $time }.
idle-button = إبقاء الجلسة مفتوحة

# Sign out
sign-out-title = تسجيل الخروج
sign-out-heading = هل تريد تسجيل الخروج؟
sign-out-lead = لتسجيل الدخول مرة أخرى ستحتاج إلى رمز جديد.
sign-out-back = إبقاء الجلسة مفتوحة
signed-out-title = تم تسجيل الخروج
signed-out-heading = تم تسجيل خروجك
signed-out-lead = لا توجد جلسة مفتوحة في هذا المتصفح.
signed-out-button = العودة إلى تسجيل الدخول

# Elsewhere
not-found-title = الصفحة غير موجودة
not-found-lead = لا يوجد شيء في هذا العنوان. تحقق منه أو ابدأ من جديد.
start-button = العودة إلى الصفحة الرئيسية
failure-title = حدث خطأ ما
failure-refused = تعذّر قبول هذا الطلب
failure-unreadable = تعذّرت قراءة هذا الطلب
failure-wait = يرجى الانتظار لحظة
failure-unavailable = هذا غير ممكن الآن
failure-reference = إذا تواصلت مع الدعم، فاذكر هذا الرقم:
ticket-error-used = لنحاول مرة أخرى
ticket-error-used-lead = يعمل هذا الرابط مرة واحدة فقط، خلال نصف دقيقة، وفي متصفح واحد. لم يُفقد شيء.
ticket-error-no-cookie = يرجى السماح بملفات تعريف الارتباط
ticket-error-no-cookie-lead = لم يحتفظ متصفحك بملف تعريف الارتباط الذي يسجّل دخولك هنا. اسمح بملفات تعريف الارتباط لهذا الموقع، ثم حاول مجددًا.

# Why not
refusal-unreadable = تعذّرت علينا قراءة ما أرسلته. يرجى المحاولة مجددًا.
refusal-too-large = هذا أطول مما ينبغي. اختصره وحاول مجددًا.
refusal-malformed = هناك شيء ناقص. املأ الحقل وحاول مجددًا.
refusal-invalid-phone = لا يبدو هذا رقم هاتف كاملًا. تحقق من البلد والأرقام.
refusal-invalid-email = لا يبدو هذا بريدًا إلكترونيًا كاملًا. تحقق منه وحاول مجددًا.
refusal-invalid-identifier = لا يبدو هذا كاملًا. تحقق منه وحاول مجددًا.
refusal-confirm-number = هل { $number } صحيح؟ إن كان صحيحًا فأرسله مرة أخرى، وإلا فصحّحه.
refusal-confirm-number-plain = هل الرقم صحيح؟ إن كان صحيحًا فأرسله مرة أخرى، وإلا فصحّحه.
refusal-country-not-served = لا يمكننا إرسال رسائل إلى هذا النوع من الأرقام. استخدم رقم هاتف محمول من أحد بلدان القائمة.
refusal-channel-not-offered = لا تصل الرموز بهذه الطريقة هنا. اطلب رمزًا جديدًا في رسالة نصية.
refusal-invalid-code-format = أدخل جميع أرقام الرمز الوارد في الرسالة.
refusal-code-refused = لم ينجح هذا الرمز. تحقق منه أو اطلب رمزًا جديدًا.
refusal-not-signed-in = تم تسجيل خروجك. سجّل الدخول للمتابعة.
refusal-flow-expired = انتهت صلاحية الرمز. اطلب رمزًا جديدًا.
refusal-no-flow = مضى وقت طويل. يرجى البدء من جديد.
refusal-stale-flow = بدأت تسجيل دخول أحدث في هذا المتصفح، لذلك لم نتحقق من شيء ولم نرسل شيئًا للسابق. استخدم أحدث رمز أو ابدأ من جديد.
refusal-cookies-blocked = لم يحتفظ متصفحك بملف تعريف الارتباط لهذه الصفحة، لذلك لم نرسل شيئًا. اسمح بملفات تعريف الارتباط لهذا الموقع ثم حاول مجددًا.
refusal-cross-origin = جاء هذا الطلب من عنوان آخر. افتح صفحة تسجيل الدخول وحاول مجددًا.
refusal-forbidden = لا يملك حسابك حق الوصول إلى هذه الصفحة. إن كان ينبغي أن يملكه، فتواصل مع فريق دعم هذا التطبيق.
refusal-slow-down = لدواعٍ أمنية، لا يمكن إرسال الرموز وتجربتها إلا مرات قليلة متتالية. يرجى الانتظار { $time } ثم المحاولة مجددًا.
refusal-slow-down-plain = لدواعٍ أمنية، لا يمكن إرسال الرموز وتجربتها إلا مرات قليلة متتالية. يرجى الانتظار قليلًا ثم المحاولة مجددًا.
slow-down-network = وصلت طلبات كثيرة من شبكتك.
slow-down-country = أُرسلت رموز كثيرة إلى هذا البلد أو المنطقة.
slow-down-service = نرسل الآن عددًا كبيرًا جدًا من الرموز.
slow-down-resend = لقد طلبت رمزًا من قبل.
slow-down-repeated = تكرر هذا عدة مرات في وقت قصير.
slow-down-wait = يرجى الانتظار { $time } ثم المحاولة مجددًا.
refusal-unavailable = المشكلة من جانبنا، ولم يُفقد شيء. يرجى المحاولة مجددًا بعد { $time }.
refusal-unavailable-plain = المشكلة من جانبنا، ولم يُفقد شيء. يرجى المحاولة مجددًا بعد بضع دقائق.
refusal-network = تعذّر الوصول إلى الخدمة. تحقق من اتصالك وحاول مجددًا.
refusal-timeout = لم ترد الخدمة في الوقت المناسب. تحقق من اتصالك وحاول مجددًا.

# Time
seconds = { $count ->
    [zero] { $count } ثانية
    [one] ثانية واحدة
    [two] ثانيتين
    [few] { $count } ثوانٍ
    [many] { $count } ثانية
   *[other] { $count } ثانية
}
    .nominative = { $count ->
        [zero] { $count } ثانية
        [one] ثانية واحدة
        [two] ثانيتان
        [few] { $count } ثوانٍ
        [many] { $count } ثانية
       *[other] { $count } ثانية
    }
minutes = { $count ->
    [zero] { $count } دقيقة
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $count } دقائق
    [many] { $count } دقيقة
   *[other] { $count } دقيقة
}
    .nominative = { $count ->
        [zero] { $count } دقيقة
        [one] دقيقة واحدة
        [two] دقيقتان
        [few] { $count } دقائق
        [many] { $count } دقيقة
       *[other] { $count } دقيقة
    }
hours = { $count ->
    [zero] { $count } ساعة
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $count } ساعات
    [many] { $count } ساعة
   *[other] { $count } ساعة
}
    .nominative = { $count ->
        [zero] { $count } ساعة
        [one] ساعة واحدة
        [two] ساعتان
        [few] { $count } ساعات
        [many] { $count } ساعة
       *[other] { $count } ساعة
    }
days = { $count ->
    [zero] { $count } يوم
    [one] يوم واحد
    [two] يومين
    [few] { $count } أيام
    [many] { $count } يومًا
   *[other] { $count } يوم
}
    .nominative = { $count ->
        [zero] { $count } يوم
        [one] يوم واحد
        [two] يومان
        [few] { $count } أيام
        [many] { $count } يومًا
       *[other] { $count } يوم
    }
date = { $day } { $month } { $year }، { $clock } UTC
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر

# The text message. GSM-7 characters where the language allows.
message = رمز { $app } هو { $otp }. لا تشاركه مع أحد.
