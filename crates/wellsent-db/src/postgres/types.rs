//! Values and fields in PostgreSQL's binary form.

use crate::{Value, row::Cell};
use bytes::BytesMut;
use std::error::Error;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};

type Failure = Box<dyn Error + Sync + Send>;

/// The type a parameter is declared with. NULL has one as well.
pub(super) fn declared(value: &Value) -> Type {
    match value {
        Value::Int(_) => Type::INT8,
        Value::Bool(_) => Type::BOOL,
        Value::Text(_) => Type::TEXT,
        Value::Blob(_) => Type::BYTEA,
    }
}

/// Two bits a parameter, so that one text used with other types is another prepared statement.
pub(super) fn signature(args: &[Value]) -> u128 {
    args.iter().fold(1, |sum, value| {
        sum.rotate_left(2)
            ^ match value {
                Value::Int(_) => 0,
                Value::Bool(_) => 1,
                Value::Text(_) => 2,
                Value::Blob(_) => 3,
            }
    })
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        match self {
            Value::Int(value) => value.to_sql(ty, out),
            Value::Bool(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
            Value::Blob(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::BOOL | Type::TEXT | Type::BYTEA)
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        if declared(self) == *ty { self.to_sql(ty, out) } else { Err("parameter of another type".into()) }
    }
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        Ok(match *ty {
            Type::INT8 => Cell::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Cell::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Cell::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::BOOL => Cell::Bool(bool::from_sql(ty, raw)?),
            Type::TEXT | Type::VARCHAR | Type::NAME => Cell::Text(String::from_sql(ty, raw)?),
            Type::BYTEA => Cell::Blob(raw.to_vec()),
            Type::VOID => Cell::Null,
            _ => Cell::Foreign,
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Failure> {
        Ok(Cell::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
