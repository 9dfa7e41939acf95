"""What the figures of a cold start are held against: botocore with a client of DynamoDB, alone."""

import botocore.session

botocore.session.get_session().create_client("dynamodb", region_name="us-east-1")
