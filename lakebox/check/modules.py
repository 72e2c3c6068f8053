"""Python modules of Glue's workers, by the names that scripts import.

Source: AWS Glue, "Python modules already provided in AWS Glue" (5.1; AWS lists none for 6.0 yet, which has them too),
"Python shell supported libraries", and Python's "What's new" of 3.12 and 3.13 for what they removed.
"""

from collections.abc import Mapping

from lakebox.glue import provided_modules


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GLUE = _words(
    "aiobotocore aiohappyeyeballs aiohttp aioitertools aiosignal appdirs attr attrs awsglue awsgluedq boto3 botocore "
    "certifi charset_normalizer choreographer contourpy cycler dateutil distlib filelock fontTools frozenlist fsspec "
    "idna iniconfig jmespath kaleido kiwisolver logistro matplotlib mpl_toolkits multidict narwhals numpy orjson "
    "packaging pandas PIL pip pkg_resources platformdirs plotly pluggy propcache py4j pyarrow pygments pylab pyparsing "
    "pyspark pytest pytz requests s3fs s3transfer seaborn setuptools simplejson six tenacity typing_extensions tzdata "
    "urllib3 uv virtualenv wrapt yarl"
)
SHELL = _words(  # of the set `analytics`, which Python shell jobs have unless they say otherwise
    "avro awscli awsglue awswrangler boto3 botocore dateutil elasticsearch jmespath numpy pandas pg pgdb pip psycopg2 "
    "pyarrow pyathena pymysql pyodbc pyorc pytz redshift_connector requests s3fs s3transfer scipy setuptools six "
    "sklearn sqlalchemy urllib3"
)
PACKAGES: Mapping[str, str] = {  # where the package's name is another
    **provided_modules.SPARK,
    **provided_modules.SHELL,
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python-headless",
    "dotenv": "python-dotenv",
    "google": "google-cloud-…",
    "jwt": "PyJWT",
    "mysql": "mysql-connector-python",
    "OpenSSL": "pyOpenSSL",
    "snowflake": "snowflake-connector-python",
    "yaml": "PyYAML",
}
NOT_HERE: Mapping[str, str] = {  # what Glue has in jobs that lakebox does not run
    "delta": "Delta Lake (--datalake-formats delta) needs AWS: lakebox has Iceberg",
    "ray": "Ray jobs need AWS",
}
PYTHON_2: Mapping[str, str] = {
    "__builtin__": "builtins",
    "ConfigParser": "configparser",
    "cPickle": "pickle",
    "commands": "subprocess",
    "cStringIO": "io",
    "HTMLParser": "html.parser",
    "httplib": "http.client",
    "Queue": "queue",
    "StringIO": "io",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}
REMOVED = _words(  # from Python 3.12 or 3.13, so Glue 5.1 (3.11) has them and Glue 6.0 (3.13) has not
    "aifc asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr imp lib2to3 mailcap msilib nis nntplib "
    "ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib uu xdrlib"
)


def package_of(module: str) -> str:
    """The package that pip installs for a module."""
    return PACKAGES.get(module, module)
