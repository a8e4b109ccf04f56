"""All settings, read from the environment; deploy/production.env.example documents every variable.

`PORTAL_MODE=local` (set by `make run` and `make test`) means plain-http cookies and static files
straight from their sources. Anything else is production, where the security settings are on and
a missing variable stops the start with a sentence.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

LOCAL = env.str("PORTAL_MODE", "production") == "local"
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY")
if not SECRET_KEY:
    raise environ.ImproperlyConfigured("SECRET_KEY 不能为空，请设置一个足够长的随机字符串。")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "schools",
    "notices",
    "campaigns",
    "submissions",
    "reports",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_bootstrap5",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.health.HealthMiddleware",
    "portal.middleware.WellFormedMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.LoginFirstMiddleware",
    "portal.middleware.SamePersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.IdleTimeoutMiddleware",
    "portal.middleware.RequestSizeMiddleware",
    "portal.middleware.PrivatePagesMiddleware",
    "portal.middleware.NeverEmptyMiddleware",
    "schools.middleware.FirstPasswordMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "schools.context.who",
                "notices.context.unread",
                "portal.context.background",
            ],
        },
    },
]

# Data ---------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"].update(ATOMIC_REQUESTS=False, CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
# Statements are short and indexes lie in memory or on SSDs: compiling costs more than it saves, and with the
# usual price of a random page a county's figures are read from its province's counters (docs/scale.md).
# What DATABASE_URL says itself comes last and wins; PgBouncer needs `ignore_startup_parameters = options`.
_asked = DATABASES["default"].setdefault("OPTIONS", {})
_asked["options"] = f"-c jit=off -c random_page_cost=1.1 -c work_mem=16MB {_asked.get('options', '')}".strip()
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise environ.ImproperlyConfigured("DATABASE_URL 必须指向 PostgreSQL：约束和触发器只为它编写。")

REDIS_URL = env.str("REDIS_URL")
MEDIA_ROOT = Path(env.str("MEDIA_ROOT"))
UPLOAD_MAX_BYTES = 50 * 1024 * 1024
UPLOAD_MAX_FILES = 10
UPLOAD_MAX_REQUEST_BYTES = 200 * 1024 * 1024
ANONYMOUS_MAX_REQUEST_BYTES = 64 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a plan with hundreds of topics is one form
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
X_ACCEL_PREFIX = env.str("X_ACCEL_PREFIX", "")

STATIC_URL = "static/"
STATIC_ROOT = None if LOCAL else env.str("STATIC_ROOT")
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", BASE_DIR / "node_modules" / "bootstrap" / "dist"),
    ("vendor/icons", BASE_DIR / "node_modules" / "bootstrap-icons" / "font"),
    ("vendor/htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist"),
    ("vendor/tus", BASE_DIR / "node_modules" / "tus-js-client" / "dist"),
    ("vendor/echarts", BASE_DIR / "node_modules" / "echarts" / "dist"),
    # The build for older browsers: offices keep them long.
    ("vendor/pdfjs/build", BASE_DIR / "node_modules" / "pdfjs-dist" / "legacy" / "build"),
    ("vendor/pdfjs/cmaps", BASE_DIR / "node_modules" / "pdfjs-dist" / "cmaps"),
    ("vendor/pdfjs/standard_fonts", BASE_DIR / "node_modules" / "pdfjs-dist" / "standard_fonts"),
]
WHITENOISE_USE_FINDERS = LOCAL
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Language and time ----------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# People and sessions ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "schools.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "schools.backends.ActivationBackend",
    "schools.backends.RoleBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone")},
    },
    {"NAME": "schools.passwords.LongEnoughValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "schools.passwords.ThreeClassesValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
IDLE_TIMEOUT_SECONDS = 30 * 60
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "schools/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_ENABLE_ADMIN = False
PROXY_COUNT = env.int("PROXY_COUNT", 0)
AXES_CLIENT_IP_CALLABLE = "portal.client.address"

# Browser security ---------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failed"
if not LOCAL:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# Mail, jobs, logs -----------------------------------------------------------------------------------------

globals().update(env.email("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
# Where people reach the portal, for links in mails: the first origin that is no pattern.
PORTAL_URL = next((origin for origin in CSRF_TRUSTED_ORIGINS if "*" not in origin), "")
# Robots of group chats; elsewhere only in tests and in the demo.
DINGTALK_URL = env.str("DINGTALK_URL", "https://oapi.dingtalk.com")
WECOM_URL = env.str("WECOM_URL", "https://qyapi.weixin.qq.com")
FEISHU_URL = env.str("FEISHU_URL", "https://open.feishu.cn")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("FROM_EMAIL", "portal@localhost")
ADMINS = [("管理员", address) for address in env.list("ADMIN_EMAILS", default=[])]

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A page must not hang while Redis is away: one short attempt, then the scan takes over.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "max_retries": 0}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULE = {
    "fold counters": {"task": "submissions.tasks.fold_counters", "schedule": 60},
    "top up assignments": {"task": "submissions.tasks.top_up_assignments", "schedule": 15 * 60},
    "release closed units": {"task": "submissions.tasks.release_closed_units", "schedule": 5 * 60},
    "switch phases": {"task": "submissions.tasks.switch_phases", "schedule": 5 * 60},
    "scan reminders": {"task": "submissions.tasks.scan_reminders", "schedule": 5 * 60},
    "deliver": {"task": "notices.tasks.deliver", "schedule": 30, "options": {"expires": 30}},
    "warn of calendar": {"task": "submissions.tasks.warn_of_calendar", "schedule": 24 * 60 * 60},
    "draft bulletins": {"task": "reports.tasks.draft_bulletins", "schedule": 30 * 60},
    "order reports": {"task": "reports.tasks.order_reports", "schedule": 5 * 60},
    "compare versions": {"task": "submissions.tasks.compare_versions", "schedule": 60},
    # One that found every worker busy is worth nothing when the next is sent.
    "run jobs": {"task": "portal.tasks.run_jobs", "schedule": 30, "options": {"expires": 30}},
    "sweep uploads": {"task": "portal.tasks.sweep_uploads", "schedule": 24 * 60 * 60},
    "purge products": {"task": "portal.tasks.purge_products", "schedule": 24 * 60 * 60},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "admins": {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR"},
    },
    "root": {"handlers": ["console", "admins"], "level": env.str("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "axes": {"level": "WARNING"},
        # Its lines quote addresses, and that of a robot holds its key.
        "urllib3": {"level": "ERROR"},
        # 403 and 404 are answers, not faults; they would fill the log with tracebacks.
        "django.request": {"level": "ERROR"},
    },
}

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
