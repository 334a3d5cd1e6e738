"""Ships what may leave, each order once, through restarts of either side. A row of shipments is an order to be packed."""
import json, os, sqlite3, sys, time, urllib.error, urllib.request

def get(path):
    """Asks until there is an answer. What another try would not change ends the program."""
    headers = {"Authorization": "Bearer " + os.environ["WEBHOOKD_API_KEY"]}
    request = urllib.request.Request(os.environ["WEBHOOKD_URL"] + path, headers=headers)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return json.load(answer)
        except (OSError, ValueError) as error:
            print(path, error, file=sys.stderr)
            if isinstance(error, urllib.error.HTTPError) and error.code < 500:
                sys.exit(1)
        time.sleep(1)

db = sqlite3.connect("shipments.db")
db.execute("create table if not exists shipments (order_id text primary key)")
db.execute("create table if not exists position (seq integer primary key)")
while True:
    position = db.execute("select coalesce(max(seq), 0) from position").fetchone()[0]
    for event in get(f"/v1/events?after={position}&wait=25s")["events"]:
        order = event["order"]
        if order["fulfillable"]:  # the event may be old: what counts is how the order stands now
            order = get(f"/v1/orders/{order['order_id']}?max_age=1m")
        with db:  # one transaction: the order is to be packed, and this event is done with
            if order["fulfillable"]:
                db.execute("insert or ignore into shipments values (?)", [order["order_id"]])
            db.execute("insert into position values (?)", [event["seq"]])
