# Address: the plural, which fits every reader (הזינו, שלכם). No slash forms.

# Every page
skip = דילוג לתוכן הראשי
help = עזרה
privacy = פרטיות
terms = תנאי שימוש
error-title = שגיאה: { $title }
# The switcher of languages, followed by the name of the current language.
language-label = שפה:

# Who are you
sign-in-title = התחברות
sign-in-heading = הזינו את מספר הטלפון
sign-in-heading-email = הזינו את כתובת האימייל
sign-in-heading-user-id = הזינו את מזהה המשתמש
sign-in-heading-username = הזינו את שם המשתמש
sign-in-lead = נשלח לכם קוד התחברות ב-SMS.
identifier-lead = נשלח קוד ב-SMS למספר הטלפון שבפרופיל שלכם.
signed-out-expired = פג תוקף החיבור ולכן ניתקנו אתכם.
signed-out-too-many-sessions = אתם מחוברים במספר המכשירים המרבי המותר בו-זמנית, ולכן ניתקנו אתכם כאן.
signed-out-revoked = נותקתם כאן מדפדפן אחר שלכם.
signed-out-by-operator = נותקתם על ידי הנהלת המערכת.
signed-out-other = אתם כבר לא מחוברים.
code-too-old = אתם מחוברים, אבל כדי לפתוח את הדף צריך קודם קוד חדש.
code-not-by-sms = אתם מחוברים, אבל כדי לפתוח את הדף צריך קודם קוד ב-SMS.
phone-label = מספר טלפון
country-label = מדינה או קידומת
country-choose = מדינה
phone-hint = דוגמה: { $example }. ממדינה אחרת: התחילו עם + וקידומת המדינה.
phone-hint-plain = אם המדינה שלכם לא ברשימה, התחילו עם + וקידומת המדינה.
email-label = כתובת אימייל
user-id-label = מזהה משתמש
username-label = שם משתמש
identifier-label = מזהה התחברות
stay-label = להישאר מחוברים
stay-hint = רק במכשיר האישי שלכם.
send-button = שליחת קוד
sending = שולחים…
sign-in-new = חדשים ב-{ $brand }?
sign-in-new-link = יצירת חשבון

# Sign up
sign-up-title = יצירת חשבון
sign-up-heading = יצירת חשבון חדש
sign-up-lead = צריך רק מספר טלפון. נשלח לכם קוד ב-SMS כדי לאמת אותו.
name-label = שם (לא חובה)
sign-up-have = כבר יש לכם חשבון?
sign-up-have-link = התחברות

# The code
code-title = הזנת הקוד
code-heading = הזינו את הקוד
code-lead = קוד בן { $length } ספרות יגיע ב-SMS אל { $to }.
code-lead-other = קוד בן { $length } ספרות יגיע ב-SMS לטלפון של { $to }.
code-lead-email = קוד בן { $length } ספרות יגיע באימייל, אם לחשבון שלכם יש כתובת אימייל.
number-ending = המספר שמסתיים ב-{ $digits }
mask-hidden = תווים מוסתרים
code-label = קוד
code-button = התחברות
checking = בודקים…
valid-for = הקוד בתוקף לעוד { $time }
resent = קוד חדש בדרך אליכם. קודים קודמים כבר לא תקפים.
resent-email = אם יגיע קוד באימייל, קודים קודמים כבר לא יהיו תקפים.
expired-heading = פג תוקף הקוד
expired-lead = קודים תקפים לזמן קצר בלבד. בקשו קוד חדש עבור { $to }.
expired-lead-other = קודים תקפים לזמן קצר בלבד. בקשו קוד חדש לטלפון של { $to }.
resend-question = לא קיבלתם את הקוד?
resend-button = שליחת קוד חדש
resend-button-sms = שליחת קוד חדש ב-SMS
resend-wait = אפשר לקבל קוד חדש בעוד { $time }.
resend-ready = אפשר לקבל עכשיו קוד חדש.
email-button = קבלת הקוד באימייל
other-number = שימוש במספר אחר
other-identifier = התחלה מחדש
blocked-heading = יותר מדי ניסיונות
blocked-lead = כדי להגן על החשבון, יש להמתין { $time }.
blocked-button = ניסיון נוסף
tries-left = { $count ->
    [0] לא נשארו לכם ניסיונות.
    [one] נשאר לכם ניסיון אחד.
    [two] נשארו לכם שני ניסיונות.
   *[other] נשארו לכם { $count } ניסיונות.
}
code-help = עזרה עם הקוד
help-number = בדקו את המספר שלמעלה. אנחנו שולחים קודים רק למספרים שיש להם חשבון.
help-number-sign-up = בדקו את המספר שלמעלה. אנחנו שולחים את הקוד רק אליו.
help-identifier = בדקו מה הקלדתם. אנחנו שולחים את הקוד רק למספר הטלפון ששמור בחשבון.
help-wait = הודעת SMS יכולה להגיע אחרי דקה או שתיים. בדקו שיש קליטה, ושהטלפון לא חוסם שולחים לא מוכרים.
help-email = לא הגיע SMS? אפשר לקבל את הקוד באימייל. אנחנו שולחים אותו רק לכתובת ששמורה בחשבון. בדקו גם את תיקיית הספאם. כל מי שיכול לקרוא את התיבה יכול להתחבר.
help-limits = קוד תקף למשך { $lifetime } ומאפשר { $tries ->
    [one] ניסיון אחד
    [two] עד שני ניסיונות
   *[other] עד { $tries } ניסיונות
}. אפשר לקבל קוד חדש אחרי { $cooldown }, ולקודים הבאים ההמתנה ארוכה יותר. אחרי יותר מדי קודים שגויים ייתכן שיהיה צורך להמתין { $lockout }.
help-weaker = הודעת SMS מאובטחת פחות ממפתח גישה או מאפליקציה: אפשר ליירט הודעות ולהשתלט על מספרים. אל תמסרו את הקוד לאף אחד, גם לא לנו.
help-address = אנחנו מבקשים קודים רק באתר { $host }. אל תזינו אותם בשום מקום אחר.
help-other-way = בירור על דרך התחברות אחרת

# The account
account-title = החשבון שלכם
account-heading = אתם מחוברים
account-number = מספר טלפון
account-identifier = מחוברים בתור
account-since = מועד ההתחברות
account-ends = החיבור יסתיים
account-idle = מוקדם יותר אם לא תהיה פעילות במשך { $time }.
sign-out-button = התנתקות
new-browser-heading = התחברות ראשונה מהדפדפן הזה
new-browser-text = אם מופיע למטה דפדפן שאינו שלכם, נתקו אותו.
new-device-heading = התחברות מדפדפן חדש
new-device-text = { $device }, { $time }.
new-device-advice = אם לא אתם התחברתם, נתקו למטה את כל הדפדפנים האחרים ופנו לתמיכה.
absent-heading = טוב לראות אתכם שוב
absent-text = ההתחברות הקודמת שלכם: { $time }. אם לא אתם התחברתם עכשיו, נתקו למטה את כל הדפדפנים האחרים.
sessions-heading = איפה אתם מחוברים
session-on = { $browser } ב-{ $system }
session-unknown = דפדפן לא מוכר
session-current = הדפדפן הזה
session-seen = פעילות אחרונה: { $time }
session-since = התחברות: { $time }
session-end = ניתוק
sessions-others = ניתוק כל השאר
idle-heading = אתם עדיין כאן?
idle-text = ננתק אתכם בעוד { $time }.
idle-at = אם לא תהיה פעילות, ננתק אתכם במועד הזה: { $time }.
idle-button = להישאר מחוברים

# Sign out
sign-out-title = התנתקות
sign-out-heading = להתנתק?
sign-out-lead = כדי להתחבר שוב תצטרכו קוד חדש.
sign-out-back = להישאר מחוברים
signed-out-title = התנתקתם
signed-out-heading = התנתקתם מהחשבון
signed-out-lead = אף אחד לא מחובר בדפדפן הזה.
signed-out-button = חזרה להתחברות

# Elsewhere
not-found-title = הדף לא נמצא
not-found-lead = אין שום דבר בכתובת הזאת. בדקו אותה או התחילו מחדש.
start-button = חזרה לדף הראשי
failure-title = משהו השתבש
failure-refused = לא יכולנו לקבל את זה
failure-unreadable = לא הצלחנו לקרוא את זה
failure-wait = המתינו רגע
failure-unavailable = זה לא אפשרי כרגע
failure-reference = אם תפנו לתמיכה, ציינו את המספר הזה:
ticket-error-used = בואו ננסה שוב
ticket-error-used-lead = הקישור הזה עובד רק פעם אחת, במשך חצי דקה ובדפדפן אחד. שום דבר לא אבד.
ticket-error-no-cookie = צריך לאפשר עוגיות
ticket-error-no-cookie-lead = הדפדפן לא שמר את העוגייה שמחברת אתכם כאן. אפשרו עוגיות לאתר הזה ונסו שוב.

# Why not
refusal-unreadable = לא הצלחנו לקרוא את מה ששלחתם. נסו שוב.
refusal-too-large = זה ארוך מדי. קצרו ונסו שוב.
refusal-malformed = משהו חסר. מלאו את השדה ונסו שוב.
refusal-invalid-phone = זה לא נראה כמו מספר טלפון מלא. בדקו את המדינה ואת הספרות.
refusal-invalid-email = זה לא נראה כמו כתובת אימייל מלאה. בדקו אותה ונסו שוב.
refusal-invalid-identifier = נראה שחסר כאן משהו. בדקו ונסו שוב.
refusal-confirm-number = המספר { $number } נכון? אם כן, שלחו אותו שוב. אם לא, תקנו אותו.
refusal-confirm-number-plain = המספר נכון? אם כן, שלחו אותו שוב. אם לא, תקנו אותו.
refusal-country-not-served = אי אפשר לשלוח SMS למספר מהסוג הזה. השתמשו במספר נייד ממדינה שברשימה.
refusal-channel-not-offered = קודים לא מגיעים כאן בדרך הזו. בקשו קוד חדש ב-SMS.
refusal-invalid-code-format = הזינו את כל ספרות הקוד שבהודעה.
refusal-code-refused = הקוד הזה לא עבד. בדקו אותו או בקשו קוד חדש.
refusal-not-signed-in = אתם לא מחוברים. התחברו כדי להמשיך.
refusal-flow-expired = פג תוקף הקוד. בקשו קוד חדש.
refusal-no-flow = עבר יותר מדי זמן. התחילו מחדש.
refusal-stale-flow = התחלתם התחברות חדשה יותר בדפדפן הזה, ולכן לא בדקנו ולא שלחנו דבר עבור הקודמת. השתמשו בקוד החדש ביותר או התחילו מחדש.
refusal-cookies-blocked = הדפדפן לא שמר את העוגייה של הדף הזה, ולכן לא נשלח דבר. אפשרו עוגיות לאתר הזה ונסו שוב.
refusal-cross-origin = הבקשה הזאת הגיעה מכתובת אחרת. פתחו את דף ההתחברות ונסו שוב.
refusal-forbidden = לחשבון שלכם אין גישה לדף הזה. אם אמורה להיות לו גישה, פנו לתמיכה של היישום.
refusal-slow-down = מטעמי אבטחה אפשר לשלוח ולהזין קודים רק פעמים ספורות ברצף. המתינו { $time } ונסו שוב.
refusal-slow-down-plain = מטעמי אבטחה אפשר לשלוח ולהזין קודים רק פעמים ספורות ברצף. המתינו מעט ונסו שוב.
slow-down-network = התקבלו בקשות רבות מהרשת שלכם.
slow-down-country = נשלחו קודים רבים למדינה או לאזור הזה.
slow-down-service = אנחנו שולחים כרגע קודים רבים מאוד.
slow-down-resend = כבר ביקשתם קוד.
slow-down-repeated = הפעולה בוצעה כמה פעמים בזמן קצר.
slow-down-wait = המתינו { $time } ונסו שוב.
refusal-unavailable = התקלה אצלנו, ושום דבר לא אבד. נסו שוב בעוד { $time }.
refusal-unavailable-plain = התקלה אצלנו, ושום דבר לא אבד. נסו שוב בעוד כמה דקות.
refusal-network = לא הצלחנו להתחבר לשירות. בדקו את החיבור לאינטרנט ונסו שוב.
refusal-timeout = השירות לא הגיב בזמן. בדקו את החיבור לאינטרנט ונסו שוב.

# Time
seconds = { $count ->
    [one] שנייה אחת
    [two] שתי שניות
   *[other] { $count } שניות
}
minutes = { $count ->
    [one] דקה אחת
    [two] שתי דקות
   *[other] { $count } דקות
}
hours = { $count ->
    [one] שעה אחת
    [two] שעתיים
   *[other] { $count } שעות
}
days = { $count ->
    [one] יום אחד
    [two] יומיים
   *[other] { $count } ימים
}
date = { $day } { $month } { $year }, { $clock } UTC
month-1 = בינואר
month-2 = בפברואר
month-3 = במרץ
month-4 = באפריל
month-5 = במאי
month-6 = ביוני
month-7 = ביולי
month-8 = באוגוסט
month-9 = בספטמבר
month-10 = באוקטובר
month-11 = בנובמבר
month-12 = בדצמבר

# The text message. GSM-7 characters where the language allows.
message = קוד { $app }: { $otp }. אל תמסרו אותו לאף אחד.
