# User info endpoint with FastAPI and uvicorn.
import json
import secrets

from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel

app = FastAPI()
security = HTTPBasic()

with open("users.json", encoding="utf-8") as file:
    users = json.load(file)


class Group(BaseModel):
    name: str


class UserInfo(BaseModel):
    groups: list[Group]
    authorizations: dict[str, list[str]]


def authenticate(credentials: HTTPBasicCredentials = Depends(security)):
    is_user = secrets.compare_digest(credentials.username.encode("utf8"), b"immuta")
    is_password = secrets.compare_digest(credentials.password.encode("utf8"), b"open:sesame 42")
    if not (is_user and is_password):
        raise HTTPException(
            status_code=status.HTTP_401_UNAUTHORIZED,
            detail="Incorrect username or password",
            headers={"WWW-Authenticate": "Basic"},
        )


@app.get("/user-info", response_model=UserInfo, dependencies=[Depends(authenticate)])
def user_info(userid: str):
    if userid not in users:
        raise HTTPException(status_code=404, detail="User not found")
    return users[userid]
