# Every page
skip = انتقل إلى المحتوى الرئيسي
help = مساعدة
error-title = خطأ: { $title }

# Who are you
sign-in-title = تسجيل الدخول
sign-in-heading = أدخل رقم هاتفك
sign-in-heading-email = أدخل بريدك الإلكتروني
sign-in-heading-user-id = أدخل معرّف المستخدم
sign-in-heading-username = أدخل اسم المستخدم
sign-in-lead = سنرسل إليك رمزًا في رسالة نصية لتسجيل الدخول.
identifier-lead = سنرسل رمزًا في رسالة نصية إلى الرقم المسجّل في ملفك.
signed-out-expired = سُجّل خروجك لأنك غبت لبعض الوقت.
signed-out-too-many-sessions = سُجّل خروجك هنا لأنك سجّلت الدخول على أجهزة أكثر مما يُسمح به معًا.
signed-out-revoked = سُجّل خروجك هنا من متصفح آخر.
signed-out-by-operator = سَجّل القائمون على هذه الخدمة خروجك.
signed-out-other = لم تعد مسجّل الدخول.
code-too-old = أنت مسجّل الدخول، لكن الصفحة التي تريدها تطلب رمزًا جديدًا أولًا.
phone-label = رقم الهاتف
country-label = رمز البلد أو المنطقة
country-choose = البلد
phone-hint = مثال: { $example }. من بلد آخر، ابدأ بعلامة +.
phone-hint-plain = من بلد غير موجود في القائمة، ابدأ بعلامة +.
email-label = البريد الإلكتروني
user-id-label = معرّف المستخدم
username-label = اسم المستخدم
identifier-label = معرّف تسجيل الدخول
stay-label = البقاء مسجّل الدخول
stay-hint = على جهازك الخاص فقط.
send-button = إرسال الرمز
sending = جارٍ الإرسال…
sign-in-new = جديد في { $brand }؟
sign-in-new-link = إنشاء حساب

# Sign up
sign-up-title = إنشاء حساب
sign-up-heading = أنشئ حسابك
sign-up-lead = يكفي رقم هاتف. سنرسل إليك رمزًا في رسالة نصية لتأكيده.
name-label = الاسم (اختياري)
sign-up-have = لديك حساب بالفعل؟
sign-up-have-link = تسجيل الدخول

# The code
code-title = إدخال الرمز
code-heading = أدخل الرمز
code-lead = يتكوّن من { $length } أرقام ويصل في رسالة نصية إلى { $to }.
code-lead-other = يتكوّن من { $length } أرقام ويصل في رسالة نصية إلى هاتف { $to }.
number-ending = الرقم المنتهي بـ { $digits }
mask-hidden = أحرف مخفية
code-label = الرمز
code-button = تسجيل الدخول
checking = جارٍ التحقق…
valid-for = الرمز صالح لمدة { $time }
resent = رمز جديد في الطريق إليك. الرموز السابقة لم تعد صالحة.
expired-heading = انتهت صلاحية هذا الرمز
expired-lead = اطلب رمزًا جديدًا. سيصل إلى { $to }.
expired-lead-other = اطلب رمزًا جديدًا. سيصل إلى هاتف { $to }.
resend-question = لم تصل الرسالة بعد؟
resend-button = إرسال رمز جديد
resend-wait = يمكنك طلب رمز جديد بعد { $time }.
resend-ready = يمكنك طلب رمز جديد الآن.
other-number = استخدام رقم آخر
other-identifier = البدء من جديد
blocked-heading = لم تبقَ محاولات
blocked-lead = من أجل سلامتك، يرجى الانتظار. يمكنك المحاولة مجددًا بعد { $time }.
blocked-button = المحاولة مجددًا
tries-left = { $count ->
    [0] لم تبقَ لديك أي محاولة.
    [one] بقيت لديك محاولة واحدة.
    [two] بقيت لديك محاولتان.
    [few] بقيت لديك { $count } محاولات.
   *[other] بقيت لديك { $count } محاولة.
}
code-help = مساعدة بشأن الرمز
help-number = تحقق من الرقم أعلاه. تُرسل الرموز فقط إلى الأرقام التي لها حساب.
help-number-sign-up = تحقق من الرقم أعلاه. يُرسل الرمز إلى هذا الرقم فقط.
help-identifier = تحقق مما كتبته. يُرسل الرمز فقط إلى رقم الهاتف في ملف تعريف حساب.
help-wait = قد تستغرق الرسالة دقيقة أو دقيقتين. تحقق من الشبكة، ومما إذا كان هاتفك يحظر المرسلين المجهولين.
help-limits = مدة صلاحية الرمز { $lifetime } والحد الأقصى للمحاولات { $tries }. يمكنك طلب رمز جديد بعد { $cooldown }، والرموز اللاحقة بعد مدة أطول. بعد عدد كبير من الرموز الخاطئة قد تصل مدة الانتظار إلى { $lockout }.
    .case-lifetime = nominative
help-weaker = الرسالة النصية أقل حماية من مفتاح المرور أو التطبيق: قد تُعترَض، وقد يُستولى على الرقم. لا تعطِ الرمز لأحد، ولا حتى لنا.
help-address = لا نطلب الرموز إلا على { $host }. لا تُدخلها في أي مكان آخر.
help-other-way = السؤال عن طريقة أخرى لتسجيل الدخول

# The account
account-title = حسابك
account-heading = أنت مسجّل الدخول
account-number = رقم الهاتف
account-identifier = مسجّل الدخول باسم
account-since = مسجّل الدخول منذ
account-ends = تنتهي الجلسة
account-idle = وقبل ذلك عند الغياب لمدة { $time }.
sign-out-button = تسجيل الخروج
new-browser-heading = أول دخول من هذا المتصفح
new-browser-text = إذا رأيت أدناه متصفحًا ليس لك، فسجّل خروجه.
new-device-heading = تسجيل دخول من متصفح جديد
new-device-text = { $device }، { $time }.
new-device-advice = إذا لم تكن أنت، فسجّل خروج كل المتصفحات الأخرى أدناه وأبلغ القائمين على هذه الخدمة.
absent-heading = أهلًا بعودتك
absent-text = كان آخر تسجيل دخول لك قبل هذا في { $time }. إذا لم تسجّل الدخول الآن، فسجّل خروج كل المتصفحات الأخرى أدناه.
sessions-heading = أماكن تسجيل دخولك
session-on = { $browser } على { $system }
session-unknown = متصفح غير معروف
session-current = هذا المتصفح
session-seen = آخر نشاط { $time }
session-since = تسجيل الدخول { $time }
session-end = تسجيل الخروج
sessions-others = تسجيل خروج كل المتصفحات الأخرى
idle-heading = هل ما زلت هنا؟
idle-text = سيُسجَّل خروجك بعد { $time }.
idle-at = بلا نشاط سيُسجَّل خروجك في { $time }.
idle-button = البقاء مسجّل الدخول

# Sign out
sign-out-title = تسجيل الخروج
sign-out-heading = هل تريد تسجيل الخروج؟
sign-out-lead = ستحتاج إلى رمز جديد لتسجيل الدخول مرة أخرى.
sign-out-back = البقاء مسجّل الدخول
signed-out-title = تم تسجيل الخروج
signed-out-heading = لقد سجّلت الخروج
signed-out-lead = لا أحد مسجّل الدخول من هذا المتصفح.
signed-out-button = الذهاب إلى تسجيل الدخول

# Elsewhere
not-found-title = الصفحة غير موجودة
not-found-lead = لا يوجد شيء في هذا العنوان. تحقق منه أو ابدأ من جديد.
start-button = الذهاب إلى البداية
failure-title = حدث خطأ ما
failure-refused = رُفض هذا الطلب
failure-unreadable = تعذّرت قراءة هذا الطلب
failure-wait = يرجى الانتظار قليلًا
failure-unavailable = هذا غير ممكن الآن
failure-reference = إذا تواصلت معنا، فأخبرنا بهذا الرقم:
ticket-error-used = لنحاول مرة أخرى
ticket-error-used-lead = يعمل هذا العنوان مرة واحدة، ولنصف دقيقة، وفي متصفح واحد. لم يُفقد شيء.
ticket-error-no-cookie = اسمح بملفات تعريف الارتباط
ticket-error-no-cookie-lead = لم يحتفظ متصفحك بملف تعريف الارتباط الذي يسجّل دخولك هنا. اسمح بملفات تعريف الارتباط لهذا الموقع، ثم حاول مجددًا.

# Why not
refusal-unreadable = تعذّرت قراءة ما أُرسل. يرجى المحاولة مجددًا.
refusal-too-large = هذا أطول مما ينبغي. اختصره وحاول مجددًا.
refusal-malformed = هناك شيء ناقص. املأ الحقل وحاول مجددًا.
refusal-invalid-phone = لا يبدو هذا رقم هاتف كاملًا. تحقق من البلد والأرقام.
refusal-invalid-email = لا يبدو هذا بريدًا إلكترونيًا كاملًا. تحقق منه وحاول مجددًا.
refusal-invalid-identifier = لا يبدو هذا كاملًا. تحقق منه وحاول مجددًا.
refusal-confirm-number = هل هذا صحيح؟ { $number }. إن كان صحيحًا فأرسل الرمز مرة أخرى، وإلا فصحّح الرقم.
refusal-confirm-number-plain = تحقق من الرقم. إن كان صحيحًا فأرسل الرمز مرة أخرى.
refusal-country-not-served = لا يمكننا إرسال رسائل إلى هذا النوع من الأرقام. استخدم رقم هاتف محمول من أحد بلدان القائمة.
refusal-invalid-code-format = أدخل جميع أرقام الرمز الوارد في الرسالة النصية.
refusal-code-refused = لم ينجح هذا الرمز. تحقق منه أو اطلب رمزًا جديدًا.
refusal-not-signed-in = أنت غير مسجّل الدخول. سجّل الدخول للمتابعة.
refusal-flow-expired = انتهت صلاحية هذا الرمز. اطلب رمزًا جديدًا.
refusal-no-flow = مضى وقت طويل. يرجى البدء من جديد.
refusal-stale-flow = توجد في هذا المتصفح عملية تسجيل دخول أحدث، لذلك لم يُتحقق من شيء ولم يُرسل شيء للعملية السابقة. تابع باستخدام أحدث رمز أو ابدأ من جديد.
refusal-cookies-blocked = لم يحتفظ متصفحك بملف تعريف الارتباط الخاص بهذه الصفحة، لذلك لم يُرسل أي شيء. اسمح بملفات تعريف الارتباط لهذا الموقع ثم حاول مرة أخرى.
refusal-cross-origin = جاء من عنوان غير عنواننا. افتح صفحة تسجيل الدخول وحاول مجددًا.
refusal-forbidden = لا يُسمح لحسابك بفتح هذا. إن كان ينبغي السماح له، فاسأل القائمين على هذا التطبيق.
refusal-slow-down = لدواعٍ أمنية، لا يمكن إرسال الرموز وتجربتها إلا على فترات. يرجى الانتظار { $time } ثم المحاولة مجددًا.
refusal-slow-down-plain = لدواعٍ أمنية، لا يمكن إرسال الرموز وتجربتها إلا على فترات. يرجى الانتظار قليلًا ثم المحاولة مجددًا.
refusal-unavailable = لم يُفقد شيء، والسبب ليس منك. يرجى المحاولة مجددًا بعد { $time }.
refusal-unavailable-plain = لم يُفقد شيء، والسبب ليس منك. يرجى المحاولة مجددًا بعد بضع دقائق.
refusal-network = لا يوجد اتصال. تحقق من شبكتك وحاول مجددًا.
refusal-timeout = لم ترد الخدمة في الوقت المناسب. لا يُرسل شيء مرتين. تحقق من شبكتك وحاول مجددًا.

# Time
seconds = { $count ->
    [one] ثانية واحدة
    [two] ثانيتين
    [few] { $count } ثوانٍ
   *[other] { $count } ثانية
}
    .nominative = { $count ->
        [one] ثانية واحدة
        [two] ثانيتان
        [few] { $count } ثوانٍ
       *[other] { $count } ثانية
    }
minutes = { $count ->
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $count } دقائق
   *[other] { $count } دقيقة
}
    .nominative = { $count ->
        [one] دقيقة واحدة
        [two] دقيقتان
        [few] { $count } دقائق
       *[other] { $count } دقيقة
    }
hours = { $count ->
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $count } ساعات
   *[other] { $count } ساعة
}
    .nominative = { $count ->
        [one] ساعة واحدة
        [two] ساعتان
        [few] { $count } ساعات
       *[other] { $count } ساعة
    }
days = { $count ->
    [one] يوم واحد
    [two] يومين
    [few] { $count } أيام
   *[other] { $count } يومًا
}
    .nominative = { $count ->
        [one] يوم واحد
        [two] يومان
        [few] { $count } أيام
       *[other] { $count } يومًا
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
